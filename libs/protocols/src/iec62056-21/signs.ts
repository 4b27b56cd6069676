import { CR, LF } from './characters.js';
import { oddOnes } from './parity.js';

/** The byte has an odd number of ones. */
export const ODD = 1;
/** The eighth bit is set: the line shows parity. */
export const EIGHTH = 2;
/** From here on a byte is no plain character: a bracket, … */
export const MARK = 4;
/** … the end of a line, … */
export const LINE_END = 8;
/** … or a control character, which may be the frame's. */
export const CONTROL = 16;

const SEVEN_BITS = 0x7f;
const SPACE = 0x20;
const OPENING = 0x28;
const CLOSING = 0x29;
const MARKS: ReadonlyMap<number, number> = new Map([
  [OPENING, MARK],
  [CLOSING, MARK],
  [CR, LINE_END],
  [LF, LINE_END],
]);

/** What the framer has to know of a byte, by the byte: one look for each that a meter sends. */
export const SIGNS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = byte & SEVEN_BITS;
  const kind = MARKS.get(character) ?? (character < SPACE ? CONTROL : 0);
  return kind | (byte > SEVEN_BITS ? EIGHTH : 0) | oddOnes(byte);
});
