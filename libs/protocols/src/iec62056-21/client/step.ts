import type { Proof } from '../block-framer.js';
import type { Identification } from '../identification.js';

/** Why there is no conversation, or no longer. Each wants something else of the installer. */
export type SessionFault =
  /** The meter does not answer, or not to its end. */
  | { readonly why: 'silent' }
  /** Wrong password: meters lock, so nothing is tried again before the settings change. `answer`: the words of the meter, `NAK`, or `B0`. */
  | { readonly why: 'wrong-password'; readonly answer: string }
  /** The meter ended it (B0). */
  | { readonly why: 'broken-off' }
  /** It answers in another mode than it was asked for. */
  | { readonly why: 'mode'; readonly detail: string }
  /** It has no speed that this line has. */
  | { readonly why: 'speed'; readonly identification: Identification }
  /** Its blocks come with wrong checks, also when it is asked again. */
  | { readonly why: 'damaged' };

/** Why one reading brought nothing; the conversation stands. */
export type ReadingFault =
  /** What the meter says, as `ERROR01`: it has no such address, or protects it. */
  | { readonly why: 'refused'; readonly error: string }
  /** It does not take the command, also when it is sent again. */
  | { readonly why: 'nak' }
  | { readonly why: 'damaged' }
  /** It is longer than is taken. */
  | { readonly why: 'long' };

/** What came of bytes, of silence or of a call, in the order in which it is to be done. */
export type ClientStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /**
   * After what was sent has left the line. `from: 'send'`: counted from its first byte, because many adapters say that bytes have
   * left which have not; and not before it has left.
   */
  | { readonly kind: 'wait'; readonly ms: number; readonly from?: 'send' }
  | { readonly kind: 'speed'; readonly baud: number }
  /** The password goes out next; `ready` shows that it was taken. Who counts what was given without that does so now. */
  | { readonly kind: 'proving' }
  | { readonly kind: 'identified'; readonly identification: Identification }
  /** Programming mode: `read` may be asked. `operand`: what the meter asks a password with, as `00000001`. */
  | { readonly kind: 'ready'; readonly operand: string }
  /** What a reading brought, or the whole readout. */
  | { readonly kind: 'data'; readonly data: string; readonly proof: Proof }
  | { readonly kind: 'failed'; readonly fault: ReadingFault }
  /** The conversation is over: as was asked, or since the readout is through. */
  | { readonly kind: 'ended' }
  /** It is over for a reason; another begins anew. */
  | { readonly kind: 'fault'; readonly fault: SessionFault };
