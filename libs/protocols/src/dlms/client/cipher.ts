import {
  open,
  seal,
  unwrapCiphered,
  wrapCiphered,
  wrapGeneral,
  type CipherKeys,
  type Ciphering,
} from '../../cosem/index.js';
import { tried } from '../fault.js';
import type { ClientSecurity } from './options.js';
import type { AssociationFault } from './step.js';

const NEVER = -1;
/** AARQ, AARE, RLRQ, RLRE, both errors: never ciphered as a whole. */
const OPEN_TAGS: ReadonlySet<number> = new Set([0x60, 0x61, 0x62, 0x63, 0x0e, 0xd8]);

/** Protects what goes to a meter and opens what comes; once only, by the meter's counter. */
export class ClientCipher {
  /** By key: a dedicated one begins anew. */
  private readonly last: Record<'glo' | 'ded', number>;

  constructor(
    private readonly security: ClientSecurity,
    private readonly title: Uint8Array,
    /** Of the meter; learnt from its AARE. */
    private meterTitle: Uint8Array | undefined,
  ) {
    this.last = { glo: security.meterCounter ?? NEVER, ded: NEVER };
  }

  get meterCounter(): number | undefined {
    return this.last.glo === NEVER ? undefined : this.last.glo;
  }

  /** Throws what `counter` throws. */
  protect(apdu: Uint8Array): Uint8Array {
    const { ciphering = 'glo' } = this.security;
    const text = this.sealed(apdu, ciphering);
    return ciphering === 'glo' || ciphering === 'ded'
      ? wrapCiphered(apdu[0]!, text, ciphering)
      : wrapGeneral(this.title, text, ciphering);
  }

  /** The initiate within an AARQ, always under the global key. */
  protectInitiate(apdu: Uint8Array): Uint8Array {
    return wrapCiphered(apdu[0]!, this.sealed(apdu, 'glo'), 'glo');
  }

  /** From the AARE. */
  meet(title: Uint8Array | undefined): void {
    this.meterTitle = title ?? this.meterTitle;
  }

  open(apdu: Uint8Array): { readonly plain: Uint8Array } | { readonly fault: AssociationFault } {
    const ciphered = tried('SMX_PROTOCOL_APDU', () => unwrapCiphered(apdu));
    if (ciphered instanceof Error) return { fault: { why: 'malformed', detail: ciphered.message } };
    if (ciphered === undefined) return OPEN_TAGS.has(apdu[0]!) ? { plain: apdu } : { fault: { why: 'not-ciphered' } };
    const title = this.meterTitle ?? ciphered.title;
    if (title?.length !== 8)
      return { fault: { why: 'wrong-key', detail: 'the system title of the meter is not known' } };
    const { ciphering, text } = ciphered;
    const keys = this.keys(ciphering);
    const opened = tried('SMX_PROTOCOL_CIPHER', () => open(text, { keys, title, least: this.security.protection }));
    if (opened instanceof Error) return { fault: { why: 'wrong-key', detail: opened.message } };
    const key = keyOf(ciphering);
    const last = this.last[key];
    if (opened.counter <= last) return { fault: { why: 'meter-counter-fallen', counter: opened.counter, last } };
    this.last[key] = opened.counter;
    return { plain: opened.plain };
  }

  private sealed(apdu: Uint8Array, ciphering: Ciphering): Uint8Array {
    const { protection, counter } = this.security;
    return seal(apdu, { keys: this.keys(ciphering), title: this.title, counter: counter.next(), protection });
  }

  private keys(ciphering: Ciphering): CipherKeys {
    const { keys, dedicatedKey } = this.security;
    return keyOf(ciphering) === 'glo' || dedicatedKey === undefined ? keys : { ...keys, block: dedicatedKey };
  }
}

function keyOf(ciphering: Ciphering): 'glo' | 'ded' {
  return ciphering === 'glo' || ciphering === 'general-glo' ? 'glo' : 'ded';
}
