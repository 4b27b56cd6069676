/** Samples of a channel at even times; null where one was lost. */
export type Samples = readonly (number | null)[];

/** A stretch of wave as the box gives it: V and A by channel; `start` ms UTC of the first sample, `rate` in Hz. */
export interface Waveform {
  readonly start: number;
  readonly rate: number;
  readonly voltage: Readonly<Record<string, Samples>>;
  readonly current: Readonly<Record<string, Samples>>;
}

/** A part of a wave by sample, which may lie between two. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Below this much of the peak a wave must have been before it rises again: noise around 0 is no crossing. */
const ARMED = 0.2;

export function peakOf(samples: Samples): number {
  return samples.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
}

/** RMS of what is known of a stretch; undefined where that is nothing. */
export function rmsOf(samples: Samples, { from, to }: Stretch): number | undefined {
  const known = samples.slice(Math.ceil(from), Math.ceil(to)).filter((value) => value !== null);
  if (known.length === 0) return undefined;
  return Math.sqrt(known.reduce((sum, value) => sum + value * value, 0) / known.length);
}

/** Where a wave rises through 0, in samples. */
export function risingCrossings(samples: Samples): number[] {
  const depth = -ARMED * peakOf(samples);
  const found: number[] = [];
  let isArmed = false;
  let before: number | null = null;
  for (const [n, value] of samples.entries()) {
    if (value === null) isArmed = false;
    else if (value < depth) isArmed = true;
    else if (isArmed && value >= 0 && before !== null) {
      if (before < 0) found.push(n - value / (value - before));
      isArmed = false;
    }
    before = value;
  }
  return found;
}

/** The newest so many cycles that begin where the first channel rises through 0, so that they stand still; undefined where it does not. */
export function triggered(samples: Samples, cycles: number): Stretch | undefined {
  const crossings = risingCrossings(samples);
  const [first, last] = [crossings[0], crossings[crossings.length - 1]];
  if (first === undefined || last === undefined || last === first) return undefined;
  const length = (cycles * (last - first)) / (crossings.length - 1);
  const from = crossings.findLast((crossing) => crossing + length <= samples.length - 1);
  return from === undefined ? undefined : { from, to: from + length };
}
