/** Window functions over samples; `delta` is last minus last of the window before, for counters. */
export const AGGREGATES = ['last', 'mean', 'min', 'max', 'sum', 'delta'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export type HistoryValue = number | string | boolean | readonly number[] | null;
/** `[t, value, quality?]`; t is the source time of a sample or the end of a window; quality only where not good. */
export type HistoryRow = readonly [t: number, value: HistoryValue, quality?: string];

/** What to read of one point. `from` < t <= `to` by source time. Without `every` the raw samples. */
export interface HistoryQuery {
  readonly handle: number;
  readonly from: number;
  readonly to: number;
  /** Window length in ms; windows end at multiples of it in UTC (days in the site's zone). */
  readonly every?: number;
  readonly as?: Aggregate;
  /** Rounds window values and samples to multiples of it. */
  readonly round?: number;
}

/** The read door of history. Rows of one point come in order of t, in chunks; nothing is held whole. */
export interface HistorySource {
  history(query: HistoryQuery): AsyncIterable<readonly HistoryRow[]>;
}
