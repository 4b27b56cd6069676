import { identificationIn, type Identification } from './identification.js';
import { decodeRequest, encodeAcknowledgement, encodeRequest, FIRST_BAUD } from './opening.js';
import { withEvenParity } from './parity.js';

export interface SignOnOptions {
  /** Of one meter among several on the line. */
  readonly address?: string;
  /** Time between acknowledgement and the new speed, ms; default 300, as meters differ. */
  readonly baudDelay?: number;
  /** Baud of a line whose speed cannot be changed; the meter is asked to stay there. Default: it can be. */
  readonly fixedBaud?: number;
}

/** What came of a piece of the line, in the order in which it is to be done. */
export type SignOnStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** After what was sent has left the line. */
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'speed'; readonly baud: number }
  /** The line speaks HDLC from here on, 8N1. */
  | { readonly kind: 'ready'; readonly identification: Identification }
  /** `no-hdlc`: this meter offers no mode E; `speed`: it offers none that this line has. */
  | { readonly kind: 'refused'; readonly why: 'no-hdlc' | 'speed'; readonly identification: Identification };

/** Bytes without a line's end after which they are none of this protocol. */
const LONGEST_LINE = 128;
const [LF, CR] = [0x0a, 0x0d];
const SEVEN_BITS = 0x7f;

/**
 * The way from the first request at 300 baud to HDLC on the same line (IEC 62056-21 §6.4.5 and Annex B, mode E). Bytes are
 * those of a line of 8N1, the parity made in software. Knows no clock: after silence `start` is sent again.
 */
export class ModeESignOn {
  private line: number[] = [];
  private isDone = false;

  constructor(private readonly o: SignOnOptions = {}) {}

  /** Baud to begin at. */
  get firstBaud(): number {
    return this.o.fixedBaud ?? FIRST_BAUD;
  }

  /** The request, also anew after silence. */
  start(): Uint8Array {
    this.line = [];
    this.isDone = false;
    return withEvenParity(encodeRequest(this.o.address));
  }

  /** Takes what the line gives; noise, an echo of the request and lines that are no identification are passed over. */
  receive(bytes: Uint8Array): SignOnStep[] {
    for (const byte of bytes) {
      if (this.isDone) break;
      const character = byte & SEVEN_BITS;
      if (character !== LF && character !== CR) {
        // what is too long was noise, in whose midst an identification may begin
        if (this.line.push(byte) > LONGEST_LINE) this.line.shift();
        continue;
      }
      const found = saidIn(Uint8Array.from([...this.line, byte]));
      this.line = [];
      if (found === undefined) continue;
      this.isDone = true;
      return this.answer(found);
    }
    return [];
  }

  private answer(identification: Identification): SignOnStep[] {
    const { mode, escapes, baud = FIRST_BAUD, speed } = identification;
    if (mode !== 'C' || !escapes.includes('2')) return [{ kind: 'refused', why: 'no-hdlc', identification }];
    const { fixedBaud, baudDelay = 300 } = this.o;
    const stays = fixedBaud !== undefined && fixedBaud !== baud;
    if (stays && fixedBaud !== FIRST_BAUD) return [{ kind: 'refused', why: 'speed', identification }];
    const chosen = { protocol: '2', speed: stays ? '0' : speed, mode: 'hdlc' } as const;
    return [
      { kind: 'wait', ms: identification.reactionTime },
      { kind: 'send', bytes: withEvenParity(encodeAcknowledgement(chosen)) },
      { kind: 'wait', ms: baudDelay },
      ...(fixedBaud === undefined ? [{ kind: 'speed', baud } as const] : []),
      { kind: 'ready', identification },
    ];
  }
}

/** Who says in a line who it is; one whose parity is wrong may be another, and is waited for again. */
function saidIn(line: Uint8Array): Identification | undefined {
  const text = Buffer.from(line).toString('ascii').slice(0, -1);
  // the echo of the request, whatever noise before it may look like
  if (Array.from(text.matchAll(/\//g)).some(({ index }) => decodeRequest(text.slice(index)) !== undefined))
    return undefined;
  const found = identificationIn(line);
  return found === 'damaged' ? undefined : found;
}
