/** Larger numbers are ms: as seconds they would be years beyond any calendar. */
const MILLISECONDS = 1e11;
/** Smaller times, in s, count from now (RFC 8428 §4.5.3). */
const RELATIVE = 2 ** 28;
/** Beyond it no date can be written (ECMA-262 §21.4.1.1), ms. */
const LAST = 8.64e15;

/**
 * ms UTC of a base time and a time as they are on the wire, in s or in ms each; undefined where both are 0, which RFC 8428 calls now
 * and devices without a clock send, and where they are no time.
 */
export function senmlTime(base: number, t: number, now: number): number | undefined {
  if (base === 0 && t === 0) return undefined;
  // a base in ms has its offsets in ms
  const isMs = Math.abs(base) >= MILLISECONDS || Math.abs(t) >= MILLISECONDS;
  const sum = base + t;
  const at = isMs ? sum : sum < RELATIVE ? now + sum * 1000 : sum * 1000;
  return Number.isFinite(at) && Math.abs(at) <= LAST ? Math.round(at) : undefined;
}
