import type { PointValue } from '@smx-edge/model';

/** A sample as it was kept. Booleans are 0 and 1 here: only the catalogue knows the type of a point. */
export interface StoredSample {
  readonly t: number;
  readonly quality: number;
  readonly value: Exclude<PointValue, boolean>;
}

export interface SampleQuery {
  readonly handle: number;
  /** from < t <= to by source time, ms UTC. */
  readonly from: number;
  readonly to: number;
}

/**
 * Where history comes from: the journal now, sealed chunks beside it later. `read` gives the samples of one point in
 * order of t, those of one t in order of commit, in runs; an undefined in between is a breath for whoever shares the thread.
 */
export interface SampleSource {
  /** Source time of the oldest sample of any point, undefined where there is none. */
  oldest(): number | undefined;
  read(query: SampleQuery): Generator<readonly StoredSample[] | undefined, void>;
}
