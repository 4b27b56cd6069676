/**
 * Numbers of few bytes: seven bits per byte, lowest first, the high bit on all but the last; signed ones folded
 * (0, -1, 1, -2 …). Exact up to 2^53, so arithmetic goes over to doubles where 32 bits do not hold it.
 */
const BYTE = 128;
const SMALL = 2 ** 28;

/** Longest varint of a safe integer. */
export const VARINT_MAX = 8;

/** Writes `value`, a safe integer >= 0, and returns the offset behind it. */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let rest = value;
  while (rest >= SMALL) {
    bytes[offset++] = (rest % BYTE) + BYTE;
    rest = Math.floor(rest / BYTE);
  }
  while (rest >= BYTE) {
    bytes[offset++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[offset++] = rest;
  return offset;
}

/** Signed integers up to 2^52 either way. */
export const fold = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

export const unfold = (folded: number): number => (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);

export const LARGEST_FOLDED = 2 ** 51;
