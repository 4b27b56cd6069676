import type { ProfileColumn, ProfileRow } from '@smx-edge/model';
import type { Duration } from './point.js';

export type { ProfileColumn, ProfileRow } from '@smx-edge/model';

export interface ProfileInit {
  /** Distance of rows; `'month'` for months of the site's calendar, 0 where rows come when something happens. */
  readonly period: Duration;
  /** Columns and their order never change once rows are kept: rows of another kind go under another id. */
  readonly columns: readonly ProfileColumn[];
}

/**
 * Rows of billing registers as the meter keeps them in its own memory; immutable, chained and signed once appended.
 * Where the profile is not as it must be, both methods reject with SMX_PROFILE_INVALID or SMX_PROFILE_CHANGED.
 */
export interface Profile {
  /** End of the kept row that ends last, ms UTC; undefined where there is none. What is newer is still to be read. */
  last(): Promise<number | undefined>;
  /**
   * Resolves to the number of new rows when all are committed to disk. A row that is kept already is left as it is, so
   * what was not answered may be appended again. `source` are the bytes the rows were read from: their SHA-256 is kept.
   * Rejects with SMX_PROFILE_INVALID (nothing kept); SMX_PROFILE_CONFLICT where rows are kept with other content, which
   * stays (the others are kept); SMX_STORE_FAILED, SMX_EXTENSION_LIMIT.
   */
  append(rows: readonly ProfileRow[], origin?: { readonly source?: Uint8Array }): Promise<number>;
}
