import type { HistoryValue, Aggregate } from './history.js';
import type { Disposable } from './live-source.js';

/**
 * A point of a stream in the form in which it is given: window, delay, rounding and rate as its grant says, and when
 * the grant holds. Times in ms (UTC); 0 = none.
 */
export interface LaneForm {
  readonly handle: number;
  /** 0 and 1 in the journal are truth values. */
  readonly isBoolean?: true;
  /** Max age of the point, ms: how many samples a window should have. */
  readonly maxAge: number;
  readonly every: number;
  readonly as: Aggregate;
  readonly delay: number;
  readonly round: number;
  readonly interval: number;
  /** Data is given from <= t < until, and only within these hours of the local day (ms after midnight). */
  readonly from?: number;
  readonly until?: number;
  readonly hours?: readonly [from: number, to: number];
}

/** What one principal gets in its stream `inst` from some point of the journal on. */
export interface LanePlan {
  /** Hash of its catalogue. */
  readonly cat: string;
  /** What one batch spans at least, ms. */
  readonly batch: number;
  /** Bytes of the rows of one batch as JSON, about, where the broker takes less than usual. */
  readonly most?: number;
  /** In order of handle. */
  readonly forms: readonly LaneForm[];
}

/** How a plan differs from the one before. */
export interface PlanChange {
  /** Points that it has and the one before had not are given from this receive time on, ms UTC. */
  readonly since: number;
  /** Points taken out of what was cut and not yet acknowledged, which a batch of its own tells (`revoked`). */
  readonly gone: readonly number[];
}

/** One stream of one principal. */
export interface LaneName {
  readonly principal: string;
  readonly stream: string;
}

export type BatchRange = readonly [from: number, to: number];

/** How far a stream is. */
export interface LaneHead {
  /** Number of the batch that is cut next; the first is 1. */
  readonly next: number;
  /** Batches that were acknowledged, in order, joined where they meet. */
  readonly acked: readonly BatchRange[];
}

/** Why rows are not there any more: retention took them, the disk lost them, or their grant ended. */
export type LaneGapReason = 'quota' | 'corrupt' | 'revoked';

interface NamedBatch {
  readonly seq: number;
  /** When it was cut, ms UTC, as far as known. */
  readonly cut: number;
}

/** Rows by time, columns by handle: a null without a quality means that the point said nothing at that time. */
export interface RowBatch extends NamedBatch {
  readonly plan: LanePlan;
  /** Source times or window ends, ms UTC, in order. */
  readonly t: readonly number[];
  /** Length of the windows, absent for samples. */
  readonly dt?: number;
  readonly id: readonly number[];
  readonly r: readonly (readonly HistoryValue[])[];
  /** Code of a quality that is not good. */
  readonly q: readonly { readonly id: number; readonly row: number; readonly quality: number }[];
}

/** A batch whose rows, of about these times, cannot be given. */
export interface GapBatch extends NamedBatch {
  readonly gap: readonly [from: number, to: number];
  readonly why: LaneGapReason;
}

export type LaneBatch = RowBatch | GapBatch;

/** A batch of a stream of records (events, rows of load profiles): by their ids, in order of commit. */
export interface RecordBatch extends NamedBatch {
  readonly ids: readonly number[];
}

/** How far a stream of records is. */
export interface RecordHead extends LaneHead {
  /** Of all records up to this one it is settled whether they are in a batch. */
  readonly after: number;
  /** Records beyond it that are in a batch already: those between them waited, as their grant delays them. */
  readonly ahead: readonly number[];
}

/**
 * The door of the store to the certain lane. Batches are cut from committed records in order of commit; the number of a
 * batch and its rows follow from the journal and the plans alone, so a batch made again is the same.
 */
export interface LaneSource {
  readonly epoch: number;
  /** Streams that were opened and not closed, also those of an earlier run. */
  lanes(): Promise<LaneName[]>;
  /** Begins a stream or gives it another plan; durable when resolved. */
  openLane(lane: LaneName, plan: LanePlan, change: PlanChange): Promise<LaneHead>;
  /** Plan in force, undefined where the stream was never opened. */
  lanePlan(lane: LaneName): Promise<LanePlan | undefined>;
  /** Batches from number `from` on, at most `count`; fewer at the end. */
  readLane(lane: LaneName, from: number, count: number): Promise<LaneBatch[]>;
  /** Begins a stream of records behind the newest one, or goes on with one; durable when resolved. */
  openRecords(lane: LaneName): Promise<RecordHead>;
  /** Makes records the next batch, settled up to record `after`; durable when resolved. */
  cutRecords(lane: LaneName, ids: readonly number[], after: number): Promise<RecordHead>;
  /** As `readLane`; batches that are not kept any more are left out. */
  readRecords(lane: LaneName, from: number, count: number): Promise<RecordBatch[]>;
  /** Notes acknowledged batches; kept with the next commit. */
  ackLane(lane: LaneName, ranges: readonly BatchRange[]): void;
  /** Ends a stream; its numbers are never given again. */
  closeLane(lane: LaneName): Promise<void>;
  /** Called when batches were cut. */
  onLane(listener: (lane: LaneName & { readonly next: number }) => void): Disposable;
}
