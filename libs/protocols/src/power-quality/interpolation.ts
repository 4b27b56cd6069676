/** Samples that make one interpolated value. */
export const TAPS = 16;
/** Places between two samples: the nearest one is taken, half of 1/512 sample off at most, 6·10⁻⁵ of a fundamental. */
const PLACES = 512;
/** Sidelobes of the Kaiser window: -80 dB. */
const BETA = 8;
/** Steps of the table of the droop from 0 to half the sample rate. */
const DROOP_STEPS = 256;

/** Rows of taps: `TAPS` for each of `PLACES` + 1 places; taps of a row add up to 1. */
export const KERNEL: Float64Array = kernel();
const DROOP: Float64Array = droop();

/** Index in the kernel of the row for a fraction of a sample. */
export function rowOf(fraction: number): number {
  return Math.round(fraction * PLACES) * TAPS;
}

/**
 * How much of an amplitude is left after interpolation; `frequency` is a share of the sample rate, 0 … 0.5. The kernel is short,
 * so it falls to a half at half the sample rate. What passes there as image lies above the orders that are told.
 */
export function droopAt(frequency: number): number {
  const at = frequency * 2 * DROOP_STEPS;
  const step = Math.min(Math.floor(at), DROOP_STEPS - 1);
  return DROOP[step]! + (at - step) * (DROOP[step + 1]! - DROOP[step]!);
}

function kernel(): Float64Array {
  const table = new Float64Array((PLACES + 1) * TAPS);
  for (let place = 0; place <= PLACES; place++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) sum += table[place * TAPS + tap] = tapAt(tap - TAPS / 2 + 1 - place / PLACES);
    for (let tap = 0; tap < TAPS; tap++) table[place * TAPS + tap]! /= sum;
  }
  return table;
}

/** Sinc of a whole band under a Kaiser window; `x` in samples. */
function tapAt(x: number): number {
  const inside = 1 - ((2 * x) / TAPS) ** 2;
  if (inside < 0) return 0;
  return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * (besselI0(BETA * Math.sqrt(inside)) / besselI0(BETA));
}

function besselI0(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; k < 40; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

function droop(): Float64Array {
  const steps = 64;
  return Float64Array.from({ length: DROOP_STEPS + 1 }, (_, at) => {
    const turn = (Math.PI * at) / DROOP_STEPS;
    let sum = 0;
    for (let place = 0; place < PLACES; place += PLACES / steps)
      for (let tap = 0; tap < TAPS; tap++)
        sum += KERNEL[place * TAPS + tap]! * Math.cos(turn * (tap - TAPS / 2 + 1 - place / PLACES));
    return sum / steps;
  });
}
