import type { Identification } from '../identification.js';
import { encodeAcknowledgement, FIRST_BAUD } from '../opening.js';
import type { ClientOptions } from './client-options.js';
import type { SessionFault } from './step.js';

/** What six characters of ten bits take at 300 baud, ms. */
const ACKNOWLEDGED = 200;

/** What brings a meter that has said who it is to what is wanted of it. */
export interface Handshake {
  /** Told after so many ms; undefined where the meter goes on by itself. */
  readonly acknowledgement?: { readonly characters: Uint8Array; readonly after: number };
  /** The next speed; `delay`: from the first byte of the acknowledgement on, ms. Undefined where it stays. */
  readonly speed?: { readonly baud: number; readonly delay?: number };
}

/** By the mode of the meter and what the line can carry (IEC 62056-21 §6.4); a fault where the two have nothing in common. */
export function handshakeWith(identification: Identification, o: ClientOptions): Handshake | SessionFault {
  const { baud } = identification;
  const mode = o.handshake ?? identification.mode;
  if (mode === 'C') return acknowledge(identification, o);
  if (o.mode === 'programming')
    return { why: 'mode', detail: `a meter of mode ${mode} has no programming mode that a reader can ask for` };
  if (mode === 'A' || baud === undefined) return {};
  if (o.fixedBaud === undefined) return { speed: { baud } };
  return o.fixedBaud === baud ? {} : { why: 'speed', identification };
}

function acknowledge(identification: Identification, o: ClientOptions): Handshake | SessionFault {
  const { speed, baud = FIRST_BAUD, reactionTime } = identification;
  const { fixedBaud, mostBaud = Infinity, mode, baudDelay = ACKNOWLEDGED + reactionTime / 2 } = o;
  const stays = fixedBaud === undefined ? baud > mostBaud : fixedBaud !== baud;
  if (fixedBaud !== undefined && stays && fixedBaud !== FIRST_BAUD) return { why: 'speed', identification };
  const characters = encodeAcknowledgement({ protocol: '0', speed: stays ? '0' : speed, mode });
  return {
    acknowledgement: { characters, after: reactionTime },
    ...(fixedBaud === undefined && !stays && { speed: { baud, delay: baudDelay } }),
  };
}
