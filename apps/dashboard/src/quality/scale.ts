import type { Samples, Stretch } from './wave.js';

/** From a value to its place in a picture. */
export type Scale = (value: number) => number;

const STEPS = [1, 2, 2.5, 5, 10];

export function linear([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

export function logarithmic([low, high]: readonly [number, number], place: readonly [number, number]): Scale {
  const scale = linear([Math.log(low), Math.log(high)], place);
  return (value) => scale(Math.log(value));
}

/** The step of at most `count` parts of a length that people read well. */
function stepOf(length: number, count: number): number {
  const least = length / count;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (STEPS.find((step) => step * power >= least * (1 - 1e-9)) ?? 10);
}

/** Round values from `low` to `high`. */
export function ticksOf(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [];
  const step = stepOf(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const ticks = Math.floor(high / step + 1e-9) - first + 1;
  // not a sum of steps, whose errors add up
  return Array.from({ length: ticks }, (_, n) => Number(((first + n) * step).toPrecision(12)) || 0);
}

/** A round value that is not below. */
export function roundUp(most: number, count: number): number {
  if (!(most > 0)) return 1;
  const step = stepOf(most, count);
  return Number((Math.ceil(most / step - 1e-9) * step).toPrecision(12));
}

/** The line of a stretch of samples, broken where one was lost. */
export function linePath(samples: Samples, { from, to }: Stretch, { x, y }: { x: Scale; y: Scale }): string {
  let path = '';
  let isBroken = true;
  for (let n = Math.max(0, Math.floor(from)); n <= Math.min(samples.length - 1, Math.ceil(to)); n++) {
    const value = samples[n] ?? null;
    if (value !== null) path += `${isBroken ? 'M' : 'L'}${x(n).toFixed(1)} ${y(value).toFixed(1)}`;
    isBroken = value === null;
  }
  return path;
}
