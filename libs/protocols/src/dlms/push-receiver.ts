import { SmxError } from '@smx-edge/model';
import { decodeApdu, type CipherKeys, type DataNotification } from '../cosem/index.js';
import { ApduCipher, type CipherFault } from './cipher.js';
import { tried } from './fault.js';
import { GeneralReceiver } from './transfer/general-receiver.js';

export interface PushOptions {
  /** Where given, nothing is taken that has no valid tag under these keys. */
  readonly security?: { readonly keys: CipherKeys; readonly encrypted: boolean };
  /** System title of the meter, 8 bytes; without it the first that proves itself is taken, and no other after it. */
  readonly title?: Uint8Array;
  /** Highest counter of the meter that was seen. */
  readonly counter?: number;
}

export type PushOutcome =
  | { readonly notification: DataNotification }
  /** Blocks to be acknowledged. */
  | { readonly send: Uint8Array }
  | { readonly refused: CipherFault }
  /** More comes by itself. */
  | 'more';

const GENERAL_BLOCK = 0xe0;
const WINDOW = 16;
/** A push is some values; each peer may have as much on its way, bytes. */
const LONGEST = 64 * 1024;
const NO_TITLE = new Uint8Array(8);

/** A client's end for what a meter sends unasked (Green Book §9.4.6.11): plain, general-ciphered, in general blocks. */
export class PushReceiver {
  private readonly cipher: ApduCipher | undefined;
  private known: Uint8Array | undefined;

  constructor({ security, title, counter }: PushOptions) {
    this.known = title;
    if (security === undefined) return;
    const { keys, encrypted } = security;
    this.cipher = new ApduCipher(
      { keys, protection: { authenticated: true, encrypted }, counter: { next: refuseToSend } },
      { own: NO_TITLE, other: title, last: counter },
    );
  }

  /** Title of the meter, once it has proven itself; undefined for meters that push in plain. */
  get title(): Uint8Array | undefined {
    return this.known;
  }

  /** Highest counter of the meter that was seen, to be kept. */
  get counter(): number | undefined {
    return this.cipher?.seen;
  }

  /** Takes the APDUs of one sender, whose blocks are not those of another. What a meter sends never throws. */
  connection(): (apdu: Uint8Array) => PushOutcome {
    const general = new GeneralReceiver(WINDOW, LONGEST, true);
    return (apdu) => {
      if (apdu[0] !== GENERAL_BLOCK) return this.whole(apdu);
      const outcome = tried('SMX_PROTOCOL_APDU', () => general.take(apdu));
      if (outcome instanceof Error) return malformed(outcome.message);
      if (outcome === 'more' || 'send' in outcome) return outcome;
      return 'apdu' in outcome ? this.whole(outcome.apdu) : malformed(`general blocks were ${outcome.fault}`);
    };
  }

  private whole(bytes: Uint8Array): PushOutcome {
    const opened: ReturnType<ApduCipher['open']> = this.cipher?.open(bytes) ?? { plain: bytes };
    if ('fault' in opened) return { refused: opened.fault };
    if (this.cipher !== undefined && opened.title === undefined) return { refused: { why: 'not-ciphered' } };
    if (opened.title !== undefined) {
      this.known = opened.title;
      this.cipher?.meet(opened.title);
    }
    const notification = tried('SMX_PROTOCOL_APDU', () => decodeApdu(opened.plain));
    if (notification instanceof Error) return malformed(notification.message);
    return notification.apdu === 'data-notification'
      ? { notification }
      : malformed(`${notification.apdu} in place of a data-notification`);
  }
}

const malformed = (detail: string): PushOutcome => ({ refused: { why: 'malformed', detail } });

function refuseToSend(): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', 'A receiver of pushes sends nothing that is ciphered');
}
