import type { Aggregate } from '@smx-edge/model';
import type { Cover } from '../windows/cover.js';
import type { SampleRun } from './sample-run.js';

export interface SampleQuery {
  readonly handle: number;
  /** from < t <= to by source time, ms UTC. */
  readonly from: number;
  readonly to: number;
  /** Segments behind this one are left out. */
  readonly upto?: number;
  /** Samples that it has are left out. */
  readonly without?: Cover | undefined;
}

/** Windows that are kept beside samples, or in their place. */
export interface KeptWindows {
  /** End of the oldest window that stands for samples which are gone, and of which windows of `every` ms can be made. */
  oldest(every: number): number | undefined;
  /** What of a query is taken from kept windows, undefined = nothing; windows of `every` are made of whole ones of them. */
  cover(query: SampleQuery & { readonly every: number; readonly as: Aggregate }): Cover | undefined;
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
