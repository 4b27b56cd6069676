import {
  open,
  seal,
  unwrapCiphered,
  wrapCiphered,
  wrapGeneral,
  type CipherKeys,
  type Ciphering,
  type Protection,
} from '../cosem/index.js';
import { tried } from './fault.js';

/** What one end seals with and wants of the other. */
export interface CipherSettings {
  /** Global keys. */
  readonly keys: CipherKeys;
  /** What every APDU carries, both ways. */
  readonly protection: Protection;
  /** Default `glo`. */
  readonly ciphering?: Ciphering;
  readonly dedicatedKey?: Uint8Array;
  /** Own invocation counters, each given once. */
  readonly counter: { next(): number };
}

/** Why an APDU was not opened. */
export type CipherFault =
  | { readonly why: 'malformed' | 'wrong-key'; readonly detail: string }
  | { readonly why: 'meter-counter-fallen'; readonly counter: number; readonly last: number }
  | { readonly why: 'not-ciphered' };

const NEVER = -1;
/** AARQ, AARE, RLRQ, RLRE, both errors: never ciphered as a whole. */
const OPEN_TAGS: ReadonlySet<number> = new Set([0x60, 0x61, 0x62, 0x63, 0x0e, 0xd8]);

/** Protects what goes to the other end and opens what comes; nothing twice, by the other end's counter. */
export class ApduCipher {
  /** By key: a dedicated one begins anew. */
  private readonly last: Record<'glo' | 'ded', number>;
  private readonly own: Uint8Array;
  private other: Uint8Array | undefined;
  private dedicatedKey: Uint8Array | undefined;

  /** `own`, `other`: system titles; `last`: highest counter of the other end that was seen. */
  constructor(
    private readonly settings: CipherSettings,
    { own, other, last }: { own: Uint8Array; other: Uint8Array | undefined; last: number | undefined },
  ) {
    this.own = own;
    this.other = other;
    this.last = { glo: last ?? NEVER, ded: NEVER };
    this.dedicatedKey = settings.dedicatedKey;
  }

  /** Highest counter of the other end under the global key. */
  get seen(): number | undefined {
    return this.last.glo === NEVER ? undefined : this.last.glo;
  }

  /** Throws what `counter` throws. */
  protect(apdu: Uint8Array, ciphering = this.settings.ciphering ?? 'glo'): Uint8Array {
    const text = this.sealed(apdu, ciphering);
    return ciphering === 'glo' || ciphering === 'ded'
      ? wrapCiphered(apdu[0]!, text, ciphering)
      : wrapGeneral(this.own, text, ciphering);
  }

  /** The initiate within an AARQ or AARE, always under the global key. */
  protectInitiate(apdu: Uint8Array): Uint8Array {
    return wrapCiphered(apdu[0]!, this.sealed(apdu, 'glo'), 'glo');
  }

  /** The title of the other end, once it is told; the counters of another say nothing of its own. */
  meet(title: Uint8Array | undefined): void {
    if (title !== undefined && this.other !== undefined && Buffer.compare(title, this.other) !== 0)
      this.last.glo = NEVER;
    this.other = title ?? this.other;
  }

  /** The dedicated key that a client proposed. */
  dedicate(key: Uint8Array): void {
    this.dedicatedKey = key;
  }

  open(
    apdu: Uint8Array,
  ):
    | { readonly plain: Uint8Array; readonly ciphering?: Ciphering; readonly title?: Uint8Array }
    | { readonly fault: CipherFault } {
    const ciphered = tried('SMX_PROTOCOL_APDU', () => unwrapCiphered(apdu));
    if (ciphered instanceof Error) return { fault: { why: 'malformed', detail: ciphered.message } };
    if (ciphered === undefined) return OPEN_TAGS.has(apdu[0]!) ? { plain: apdu } : { fault: { why: 'not-ciphered' } };
    const title = this.other ?? ciphered.title;
    if (title?.length !== 8)
      return { fault: { why: 'wrong-key', detail: 'the system title of the sender is not known' } };
    const { ciphering, text } = ciphered;
    // under the global key in its place it would pass by the counter of that key
    if (keyOf(ciphering) === 'ded' && this.dedicatedKey === undefined)
      return { fault: { why: 'malformed', detail: 'under a dedicated key, and none was agreed' } };
    const opened = tried('SMX_PROTOCOL_CIPHER', () =>
      open(text, { keys: this.keys(ciphering), title, least: this.settings.protection }),
    );
    if (opened instanceof Error) return { fault: { why: 'wrong-key', detail: opened.message } };
    const key = keyOf(ciphering);
    const { counter, plain } = opened;
    const last = this.last[key];
    if (counter <= last) return { fault: { why: 'meter-counter-fallen', counter, last } };
    this.last[key] = counter;
    return { plain, ciphering, title };
  }

  private sealed(apdu: Uint8Array, ciphering: Ciphering): Uint8Array {
    const { protection, counter } = this.settings;
    return seal(apdu, { keys: this.keys(ciphering), title: this.own, counter: counter.next(), protection });
  }

  private keys(ciphering: Ciphering): CipherKeys {
    const { keys } = this.settings;
    const { dedicatedKey } = this;
    return keyOf(ciphering) === 'glo' || dedicatedKey === undefined ? keys : { ...keys, block: dedicatedKey };
  }
}

function keyOf(ciphering: Ciphering): 'glo' | 'ded' {
  return ciphering === 'glo' || ciphering === 'general-glo' ? 'glo' : 'ded';
}
