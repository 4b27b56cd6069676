import type { Duration } from './point.js';

export interface ProfileColumn {
  readonly obis: string;
  readonly unit: string | null;
}

export interface ProfileInit {
  readonly period: Duration;
  readonly columns: readonly ProfileColumn[];
}

/** Interval end (ms UTC), status word, and the billing values as decimal strings; null = not in the meter. */
export type ProfileRow = readonly [end: number, status: number, ...values: (string | null)[]];

/** Rows of billing registers as the meter keeps them; immutable once appended. */
export interface Profile {
  /** Interval end of the newest stored row, ms UTC; undefined where there is none. */
  last(): Promise<number | undefined>;
  /** Resolves when the rows are committed; `source` keeps the bytes they came from. */
  append(rows: readonly ProfileRow[], origin?: { readonly source?: Uint8Array }): Promise<void>;
}
