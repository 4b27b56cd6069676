import type { SampleRun } from './sample-run.js';

export interface SampleQuery {
  readonly handle: number;
  /** from < t <= to by source time, ms UTC. */
  readonly from: number;
  readonly to: number;
}

/**
 * Where history comes from. `read` gives the samples of one point in order of t, those of one t in order of commit, in
 * runs; an undefined in between is a breath for whoever shares the thread.
 */
export interface SampleSource {
  /** Source time of the oldest sample of any point, undefined where there is none. */
  oldest(): number | undefined;
  read(query: SampleQuery): Generator<SampleRun | undefined, void>;
}
