import {
  SmxError,
  type BatchRange,
  type LaneBatch,
  type LaneHead,
  type LaneName,
  type LanePlan,
  type PlanChange,
  type RecordBatch,
  type RecordHead,
} from '@smx-edge/model';
import type { LaneRecordTable } from '../database/lane-record-table.js';
import type { LaneTable } from '../database/lane-table.js';
import { AckNotes, type Acknowledged } from './ack-notes.js';
import { Lane } from './lane.js';
import { RecordLane, type RecordCut } from './record-lane.js';
import type { ContentContext } from './window-content.js';

/** Where the cutting is goes along with the next write of the database, and is kept after this time at the latest, ms. */
const KEEP_AFTER = 5 * 60_000;

const keyOf = ({ principal, stream }: LaneName): string => `${principal}/${stream}`;

/** All streams of the store's thread. */
export class LaneBook {
  /** Acknowledged, and not on the disk yet. */
  readonly acks = new AckNotes();
  private readonly lanes = new Map<string, Lane>();
  private keptAt = -Infinity;

  private readonly records = new Map<string, RecordLane>();

  constructor(
    private readonly o: {
      readonly table: LaneTable;
      readonly records: LaneRecordTable;
      readonly context: ContentContext;
      /** What the journal has of acknowledgements: those since the tables were written are among them. */
      readonly acked: Iterable<Acknowledged>;
    },
  ) {
    for (const name of o.table.names()) {
      const lane = Lane.load(name, o.table, o.context);
      if (lane !== undefined) this.lanes.set(keyOf(name), lane);
      const records = RecordLane.load(name, this.tables);
      if (records !== undefined) this.records.set(keyOf(name), records);
    }
    for (const { name, ranges } of o.acked) this.lane(name)?.ack(ranges);
  }

  names(): LaneName[] {
    return this.all.map(({ name }) => name);
  }

  plan(name: LaneName): LanePlan | undefined {
    return this.lanes.get(keyOf(name))?.plan;
  }

  /** Cuts what was committed; gives the streams that have new batches. */
  advance(): (LaneName & { next: number })[] {
    return [...this.lanes.values()]
      .filter((lane) => lane.advance())
      .map(({ name, head }) => ({ ...name, next: head.next }));
  }

  /** Whether rows wait for a mark to be cut, though nothing new was committed. */
  wantsMark(now: number): boolean {
    return [...this.lanes.values()].some((lane) => lane.wantsMark(now));
  }

  /** Whether something waits to be kept and it is time for it. */
  isDue(now: number): boolean {
    if (now < this.keptAt) this.keptAt = now;
    return this.isDirty && (this.acks.isOverdue || now - this.keptAt >= KEEP_AFTER);
  }

  get isDirty(): boolean {
    return this.all.some((lane) => lane.isDirty);
  }

  /** Keeps what waits, within the caller's transaction. */
  keep(now: number): void {
    for (const lane of this.all) if (lane.isDirty) lane.keep();
    this.keptAt = now;
  }

  /** Begins a stream or changes its plan from what is committed on, within the caller's transaction. */
  open(name: LaneName, plan: LanePlan, { gone, since, now }: PlanChange & { now: number }): LaneHead {
    const at = this.o.context.source.end;
    const known = this.lanes.get(keyOf(name));
    if (known === undefined) {
      const lane = Lane.begin(name, { plan, at, t: now }, this.o);
      this.lanes.set(keyOf(name), lane);
      return lane.head;
    }
    if (JSON.stringify(known.plan) !== JSON.stringify(plan)) known.change(plan, { at, t: now, gone, since });
    return known.head;
  }

  /** See `Lane.erase`; within the caller's transaction. */
  erase(handles: ReadonlySet<number>, before: number): void {
    for (const lane of this.lanes.values()) lane.erase(handles, before);
    // sealing, which follows, takes acknowledgements out of the journal
    for (const lane of this.records.values()) if (lane.isDirty) lane.keep();
    this.o.table.forget(handles, before);
  }

  read(name: LaneName, from: number, count: number): LaneBatch[] {
    return this.lanes.get(keyOf(name))?.read(from, count) ?? [];
  }

  /** Begins a stream of records or goes on with it, within the caller's transaction. */
  openRecords(name: LaneName, now: number): RecordHead {
    const known = this.records.get(keyOf(name));
    const lane = known ?? RecordLane.begin(name, { tables: this.tables, now });
    this.records.set(keyOf(name), lane);
    return lane.head;
  }

  /** Within the caller's transaction. Throws SMX_STORE_VALUE where the stream is not open. */
  cutRecords(name: LaneName, cut: RecordCut, now: number): RecordHead {
    const lane = this.records.get(keyOf(name));
    if (lane === undefined) throw new SmxError('SMX_STORE_VALUE', `the stream ${keyOf(name)} is not open`);
    lane.cut(cut, now);
    return lane.head;
  }

  readRecords(name: LaneName, from: number, count: number): RecordBatch[] {
    return this.records.get(keyOf(name))?.read(from, count) ?? [];
  }

  ack(name: LaneName, ranges: readonly BatchRange[]): void {
    for (const range of this.lane(name)?.ack(ranges) ?? []) this.acks.add(name, range);
  }

  /** Ends a stream, within the caller's transaction. */
  close(name: LaneName): void {
    this.lane(name)?.close();
    this.lanes.delete(keyOf(name));
    this.records.delete(keyOf(name));
  }

  private lane(name: LaneName): Lane | RecordLane | undefined {
    return this.lanes.get(keyOf(name)) ?? this.records.get(keyOf(name));
  }

  private get all(): (Lane | RecordLane)[] {
    return [...this.lanes.values(), ...this.records.values()];
  }

  private get tables(): { lanes: LaneTable; records: LaneRecordTable } {
    return { lanes: this.o.table, records: this.o.records };
  }
}
