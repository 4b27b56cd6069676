import { BatchRanges, type LaneHead, type LaneName, type RecordBatch, type RecordHead } from '@smx-edge/model';
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

/** A stream of records in the store's thread. A batch is a row of ids, durable before it is sent. */
export class RecordLane {
  /** Has something to keep. */
  isDirty = false;
  private readonly acked: BatchRanges;

  private constructor(
    readonly name: LaneName,
    private readonly tables: Tables,
    private present: { next: number; after: number; acked: BatchRanges },
  ) {
    this.acked = present.acked;
  }

  /** The stream as it was left, undefined where it is not one of records. */
  static load(name: LaneName, tables: Tables): RecordLane | undefined {
    const row = tables.lanes.row(name);
    const last = tables.records.last(name);
    if (row?.open !== true || last === undefined) return undefined;
    const next = last.seq + 1;
    return new RecordLane(name, tables, { next, after: last.ids.at(-1)!, acked: new BatchRanges(row.acked) });
  }

  /** Begins a stream behind the newest record, or again one that was closed; within the caller's transaction. */
  static begin(name: LaneName, { tables, now }: { tables: Tables; now: number }): RecordLane {
    const after = tables.records.newest(name.stream);
    const next = tables.lanes.row(name)?.next ?? 1;
    tables.records.put(name, { seq: next - 1, cut: now, ids: [after] });
    const acked = new BatchRanges(next > 1 ? [[1, next - 1]] : []);
    const lane = new RecordLane(name, tables, { next, after, acked });
    lane.keep();
    return lane;
  }

  get head(): RecordHead {
    const { next, after } = this.present;
    return { next, after, acked: this.acked.list };
  }

  /** Within the caller's transaction. */
  cut(ids: readonly number[], now: number): void {
    const { next } = this.present;
    this.tables.records.put(this.name, { seq: next, cut: now, ids });
    this.present = { ...this.present, next: next + 1, after: ids.at(-1)! };
    this.keep();
  }

  read(from: number, count: number): RecordBatch[] {
    return this.tables.records.read(this.name, Math.max(1, from), Math.min(count, this.present.next - from));
  }

  ack(ranges: LaneHead['acked']): void {
    for (const [from, to] of ranges)
      if (this.acked.add([Math.max(1, from), Math.min(to, this.present.next - 1)])) this.isDirty = true;
  }

  /** Puts what is new into the table, within the caller's transaction. */
  keep(): void {
    const { lanes, records } = this.tables;
    const { next } = this.present;
    lanes.put(this.name, { open: true, next, acked: this.acked.list });
    records.drop(this.name, Math.min(next - 1, Math.max(this.acked.firstMissing(1) - KEPT, next - MOST)));
    this.isDirty = false;
  }

  /** Ends it within the caller's transaction. */
  close(): void {
    this.tables.records.drop(this.name);
    this.tables.lanes.put(this.name, { open: false, next: this.present.next, acked: [] });
  }
}
