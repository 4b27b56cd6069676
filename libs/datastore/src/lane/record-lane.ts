import {
  BatchRanges,
  type BatchRange,
  type LaneHead,
  type LaneName,
  type RecordBatch,
  type RecordHead,
} from '@smx-edge/model';
import type { LaneRecordTable } from '../database/lane-record-table.js';
import type { LaneTable } from '../database/lane-table.js';

/** Batches that are kept behind the oldest without an ack, for who asks for them again. */
const KEPT = 1000;
/** Batches kept at most; what a party never acknowledges does not fill the disk. */
const MOST = 20_000;

interface Tables {
  readonly lanes: LaneTable;
  readonly records: LaneRecordTable;
}

/** Records that become a batch, and up to which one it is settled then whether they are in one. */
export interface RecordCut {
  readonly ids: readonly number[];
  readonly after: number;
}

type Ahead = Pick<RecordBatch, 'seq' | 'ids'>;

/** A stream of records in the store's thread. A batch is a row of ids, durable before it is sent. */
export class RecordLane {
  /** Has something to keep. */
  isDirty = false;
  private readonly acked: BatchRanges;

  private constructor(
    readonly name: LaneName,
    private readonly tables: Tables,
    /** `ahead`: batches with records beyond the last that is settled. */
    private present: { next: number; after: number; ahead: Ahead[]; acked: BatchRanges },
  ) {
    this.acked = present.acked;
  }

  /** The stream as it was left, undefined where it is not one of records. */
  static load(name: LaneName, tables: Tables): RecordLane | undefined {
    const row = tables.lanes.row(name);
    const last = tables.records.last(name);
    if (row?.open !== true || last === undefined) return undefined;
    const { seq, after } = last;
    const ahead = tables.records.read(name, 0, seq + 1).filter(({ ids }) => isBeyond(ids, after));
    return new RecordLane(name, tables, { next: seq + 1, after, ahead, acked: new BatchRanges(row.acked) });
  }

  /** Begins a stream behind the newest record, or again one that was closed; within the caller's transaction. */
  static begin(name: LaneName, { tables, now }: { tables: Tables; now: number }): RecordLane {
    const after = tables.records.newest(name.stream);
    const next = tables.lanes.row(name)?.next ?? 1;
    tables.records.put(name, { seq: next - 1, cut: now, ids: [after], after });
    const acked = new BatchRanges(next > 1 ? [[1, next - 1]] : []);
    const lane = new RecordLane(name, tables, { next, after, ahead: [], acked });
    lane.keep();
    return lane;
  }

  get head(): RecordHead {
    const { next, after, ahead } = this.present;
    const beyond = ahead.flatMap(({ ids }) => ids.filter((id) => id > after));
    return { next, after, ahead: beyond, acked: this.acked.list };
  }

  /** Within the caller's transaction. */
  cut({ ids, after }: RecordCut, now: number): void {
    const { next: seq, ahead, acked } = this.present;
    this.tables.records.put(this.name, { seq, cut: now, ids, after });
    const beyond = [...ahead, { seq, ids }].filter((batch) => isBeyond(batch.ids, after));
    this.present = { next: seq + 1, after, ahead: beyond, acked };
    this.keep();
  }

  read(from: number, count: number): RecordBatch[] {
    return this.tables.records.read(this.name, Math.max(1, from), Math.min(count, this.present.next - from));
  }

  /** Gives what is new of it. */
  ack(ranges: LaneHead['acked']): BatchRange[] {
    const given = ranges.map(([from, to]): BatchRange => [Math.max(1, from), Math.min(to, this.present.next - 1)]);
    const fresh = given.filter((range) => this.acked.add(range));
    this.isDirty ||= fresh.length > 0;
    return fresh;
  }

  /** Puts what is new into the table, within the caller's transaction. */
  keep(): void {
    const { lanes, records } = this.tables;
    const { next, ahead } = this.present;
    lanes.put(this.name, { open: true, next, acked: this.acked.list });
    // what came out before its neighbours has to be known for as long as they wait
    const settled = ahead[0]?.seq ?? Infinity;
    const before = Math.max(Math.min(this.acked.firstMissing(1) - KEPT, settled), next - MOST);
    records.drop(this.name, Math.min(next - 1, before));
    this.isDirty = false;
  }

  /** Ends it within the caller's transaction. */
  close(): void {
    this.tables.records.drop(this.name);
    this.tables.lanes.put(this.name, { open: false, next: this.present.next, acked: [] });
  }
}

const isBeyond = (ids: readonly number[], after: number): boolean => ids.some((id) => id > after);
