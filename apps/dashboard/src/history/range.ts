const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export type RangeName = 'hour' | 'day';

/** Length, window of values and of counters, and how often a chart of it is brought up to date; ms. */
export const RANGES: Readonly<
  Record<
    RangeName,
    { readonly length: number; readonly every: number; readonly counted: number; readonly renew: number }
  >
> = {
  hour: { length: HOUR, every: 10_000, counted: 5 * MINUTE, renew: 20_000 },
  day: { length: 24 * HOUR, every: 5 * MINUTE, counted: HOUR, renew: MINUTE },
};
