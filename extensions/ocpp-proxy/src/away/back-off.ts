const FIRST = 1_000;
/** ms. */
export const LONGEST_PAUSE = 300_000;

/**
 * ms until the next try after `failures` in a row: 1 s, doubled up to 300 s, ±50 % so that boxes behind one outage do not come back
 * as one. `random` is 0 … 1.
 */
export function backOff(failures: number, random: number): number {
  const plain = Math.min(LONGEST_PAUSE, FIRST * 2 ** Math.min(failures - 1, 20));
  return Math.round(plain * (0.5 + random));
}
