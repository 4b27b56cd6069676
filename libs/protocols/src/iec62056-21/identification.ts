import { isParityWrong } from './parity.js';

/** Who leads the change of speed: A nobody, B the meter at once, C the reader by its acknowledgement (IEC 62056-21 §6.4). */
export type IdentificationMode = 'A' | 'B' | 'C';

/** What a meter says of itself first (IEC 62056-21 §6.3.2). */
export interface Identification {
  /** Three letters of the FLAG association, as the meter writes them. */
  readonly manufacturer: string;
  /** The character Z that proposes a speed. */
  readonly speed: string;
  readonly mode: IdentificationMode;
  /** Baud that Z stands for; undefined in mode A. */
  readonly baud: number | undefined;
  /** Characters behind each `\`: `2` offers HDLC (mode E), others are of the makers. */
  readonly escapes: readonly string[];
  /** Type and firmware in the maker's own words, without blanks at the end. */
  readonly text: string;
  /** Shortest time between what is received and the answer to it, ms; 20 where the third letter is a small one. */
  readonly reactionTime: 20 | 200;
}

const BAUD_C: Readonly<Record<string, number>> = { 0: 300, 1: 600, 2: 1200, 3: 2400, 4: 4800, 5: 9600, 6: 19200 };
const BAUD_B: Readonly<Record<string, number>> = { A: 600, B: 1200, C: 2400, D: 4800, E: 9600, F: 19200 };
/** Z that proposes a speed in mode B or C; undefined where the mode has no such speed, or no speeds. */
export function speedOf(baud: number, mode: IdentificationMode): string | undefined {
  const speeds = { A: {}, B: BAUD_B, C: BAUD_C }[mode];
  return Object.entries(speeds).find(([, known]) => known === baud)?.[0];
}

/** `/XXXZ`, escapes, then up to 16 characters by the standard; makers write longer ones. */
const LINE = /^\/([A-Za-z]{3})([ -~])((?:\\[ -~])*)([ -~]{0,64})$/;

/** ms: 20 where the third letter is a small one, else 200 (IEC 62056-21 §6.3.14). */
export const reactionTimeOf = (manufacturer: string): 20 | 200 => (manufacturer[2]! >= 'a' ? 20 : 200);

/** The line without its end; undefined where it is no identification. */
export function decodeIdentification(line: string): Identification | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [manufacturer, speed, escapes, text] = match.slice(1) as [string, string, string, string];
  const mode = speed in BAUD_C ? 'C' : speed in BAUD_B ? 'B' : 'A';
  return {
    manufacturer,
    speed,
    mode,
    baud: BAUD_C[speed] ?? BAUD_B[speed],
    escapes: Array.from(escapes.matchAll(/\\(.)/g), ([, character]) => character!),
    text: text.trimEnd(),
    reactionTime: reactionTimeOf(manufacturer),
  };
}

/**
 * What stands in a line as it was received, with the character that ended it, whatever noise before it; undefined where there is none. `damaged`: one whose parity is
 * wrong, as a wrong bit may be another speed, another maker or an end in its midst.
 */
export function identificationIn(line: Uint8Array): Identification | 'damaged' | undefined {
  let found: 'damaged' | undefined;
  const text = Buffer.from(line).toString('ascii').slice(0, -1);
  // a `/` may also stand within the maker's own text, so the first that fits is the one
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) {
    const identification = decodeIdentification(text.slice(at));
    if (identification === undefined) continue;
    if (!isParityWrong(line.subarray(at))) return identification;
    found = 'damaged';
  }
  return found;
}

/** The line of a meter with its end, as seven-bit characters. */
export function encodeIdentification({
  manufacturer,
  speed,
  escapes,
  text,
}: Pick<Identification, 'manufacturer' | 'speed' | 'escapes' | 'text'>): Uint8Array {
  const marks = escapes.map((character) => `\\${character}`).join('');
  return Buffer.from(`/${manufacturer}${speed}${marks}${text}\r\n`, 'latin1');
}
