import type { OneSample } from '../history/sample-run.js';

/** A sample as it was committed. */
interface CommittedSample extends OneSample {
  readonly handle: number;
}

/** A record of the journal in order of commit. */
export interface CommittedRecord {
  /** Its place, and the place behind it. */
  readonly at: number;
  readonly end: number;
  /** When it was begun, ms UTC: for a mark the time of the sync. */
  readonly received: number;
  /** A record without samples: batches are cut here. */
  readonly isMark: boolean;
  /** Those of the asked handles, in order of commit. */
  readonly samples: readonly (CommittedSample & { readonly received: number })[];
}

/** Which points are meant. */
export interface Handles {
  has(handle: number): boolean;
}

/** A stretch of the journal that cannot be read. */
interface DamagedStretch {
  readonly damaged: readonly [from: number, to: number];
}

/** A stretch whose samples were erased, of whatever points. */
interface ErasedStretch {
  readonly erased: readonly [from: number, to: number];
}

export type Commit = CommittedRecord | DamagedStretch | ErasedStretch;

/**
 * Committed samples by position (see `journalPosition`), for batches that are made again and again. Whoever keeps
 * samples in another form gives the very same records, those without samples too.
 */
export interface CommitSource {
  /** Position of the oldest record, `end` where there is none. */
  readonly oldest: number;
  /** Behind the last record that is safe from a power cut. */
  readonly end: number;
  /** Records with from <= position < to; `handles` undefined = the samples are not wanted. */
  read(query: { readonly from: number; readonly to: number; readonly handles?: Handles }): Generator<Commit, void>;
  /** A position before which every record was received before `t` (ms UTC); undefined where some of `t` is gone. */
  positionOf(t: number): number | undefined;
}
