/** Numbers from `min` to `max`, both included. */
export interface Interval {
  readonly min: number;
  readonly max: number;
}

export const EVERYTHING: Interval = { min: -Infinity, max: Infinity };

export function clamp(value: number, { min, max }: Interval): number {
  return Math.min(max, Math.max(min, value));
}

/** What of `weaker` lies within `stronger`; where they do not meet, the end of the stronger that is nearest to it. */
export function within(stronger: Interval, weaker: Interval): Interval {
  return { min: clamp(weaker.min, stronger), max: clamp(weaker.max, stronger) };
}
