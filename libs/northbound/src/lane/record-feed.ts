import {
  describeError,
  isSmxError,
  SmxError,
  type Disposable,
  type LaneHead,
  type LaneName,
  type RecordBatch,
} from '@smx-edge/model';
import type { PartyView } from '../doors.js';
import type { LaneFeed, LaneHouse, MadeBatch } from './lane-options.js';
import { rowBytes } from './packet-room.js';
import type { RecordKind } from './record-kinds.js';

/** Records come in bursts; a batch is cut after this time, ms. */
const PATIENCE = 200;
const RETRY = 5000;
const PAGE = 500;
/** Records of one batch, and how far apart its first and last may lie: they are read again in one piece. */
const MOST = 100;
const SPAN = 500;
/** Bytes of the rows of one batch, as JSON: brokers refuse packets above 128 KiB and more. One row may be larger. */
const MOST_BYTES = 64 * 1024;
/** Records that wait for their delay to be over; with more, nothing behind them is looked at until some went. */
const MOST_WAITING = 10_000;
/** Longest sleep of a timer, ms. */
const LONGEST_SLEEP = 3_600_000;

export interface RecordFeedOptions<R extends { readonly id: number }> {
  readonly principal: string;
  readonly view: PartyView;
  readonly house: LaneHouse;
  readonly kind: RecordKind<R>;
  readonly onHead: (head: LaneHead) => void;
}

/**
 * Batches of records that are committed one by one: a batch is the list of their ids, made durable before it is sent. What a
 * grant delays waits, and comes in a later batch than what nobody delays.
 */
export class RecordFeed<R extends { readonly id: number }> implements LaneFeed {
  fault: SmxError | undefined;
  readonly ready: Promise<void>;
  private readonly name: LaneName;
  /** The last record that was looked at; undefined = the stream is not open. */
  private after: number | undefined;
  /** Records up to `after` that may be seen later: when, ms UTC, by id in order. */
  private readonly waiting = new Map<number, number>();
  /** Records beyond `after` that are in batches already. */
  private ahead = new Set<number>();
  private timer: Disposable | undefined;
  private ripening: Disposable | undefined;
  private working: Promise<void> = Promise.resolve();
  private closed = false;
  private most = MOST_BYTES;
  private readonly watching: Disposable;

  constructor(private readonly o: RecordFeedOptions<R>) {
    this.name = { principal: o.principal, stream: o.kind.stream };
    this.watching = o.kind.onNew(() => this.later(PATIENCE));
    this.ready = this.look();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.watching.dispose();
    this.timer?.dispose();
    this.ripening?.dispose();
    await this.working;
  }

  fit(limit: number): void {
    this.most = Math.min(MOST_BYTES, rowBytes(limit) ?? MOST_BYTES);
  }

  async read(from: number, count: number): Promise<MadeBatch[]> {
    const { house } = this.o;
    const kept = await house.store.lane.readRecords(this.name, from - 1, count + 2);
    const bySeq = new Map(kept.map((one) => [one.seq, one]));
    return Promise.all(
      Array.from({ length: count }, (_, i) => {
        const seq = from + i;
        const lost = (): [number, number] => [
          kept.findLast((one) => one.seq < seq)?.cut ?? 0,
          kept.find((one) => one.seq > seq)?.cut ?? house.clock.now(),
        ];
        return this.made(seq, bySeq.get(seq), lost);
      }),
    );
  }

  /** `lost`: between which times a batch was cut of which nothing is kept, ms UTC. */
  private async made(seq: number, batch: RecordBatch | undefined, lost: () => [number, number]): Promise<MadeBatch> {
    const { kind, view, house } = this.o;
    const [first = 0] = batch?.ids ?? [];
    const last = batch?.ids.at(-1) ?? 0;
    const ids = new Set(batch?.ids);
    const found = batch === undefined ? [] : await kind.after(first - 1, last - first + 1);
    const records = found.filter(({ id }) => ids.has(id));
    const { cut = 0 } = batch ?? {};
    return {
      seq,
      cut,
      message: (isBacklog) => {
        const seen = records.filter((record) => kind.due(view, record) <= house.clock.now());
        const name = { v: 1, e: house.store.lane.epoch, s: seq };
        const times = records.map((record) => kind.time(record));
        const why = records.length < ids.size || ids.size === 0 ? 'quota' : 'revoked';
        const between = batch === undefined ? lost() : [cut, cut];
        const gap = times.length === 0 ? between : [Math.min(...times), Math.max(...times)];
        const late = isBacklog ? { h: true } : {};
        const hole = (reason: string): Buffer => Buffer.from(JSON.stringify({ ...name, gap, why: reason, ...late }));
        const rows = (): Buffer =>
          Buffer.from(`${JSON.stringify({ ...name, ...late }).slice(0, -1)},"rows":${kind.rows(view, seen)}}`);
        return {
          payload: seen.length > 0 ? rows() : hole(why),
          gap: () => hole(seen.length > 0 ? 'quota' : why),
          gave: () => kind.gave(view, seen),
        };
      },
    };
  }

  private later(ms: number): void {
    if (this.closed || this.timer !== undefined) return;
    this.timer = this.o.house.clock.after(ms, () => {
      this.timer = undefined;
      void this.look();
    });
  }

  private look(): Promise<void> {
    this.working = this.working.then(() => this.cut());
    return this.working;
  }

  private async cut(): Promise<void> {
    const { house, onHead } = this.o;
    if (this.closed) return;
    try {
      if (this.after === undefined) {
        const head = await house.store.lane.openRecords(this.name);
        this.after = head.after;
        this.ahead = new Set(head.ahead);
        onHead(head);
      }
      await this.ripe();
      await this.advance(this.after);
      this.fault = undefined;
    } catch (error) {
      this.fault = isSmxError(error) ? error : new SmxError('SMX_INTERNAL', describeError(error));
      house.log.warn('a stream could not be cut; it is tried again', { ...this.name, error: describeError(error) });
      this.later(RETRY);
    }
    this.sleep();
  }

  /** Looks at the records behind the last that was looked at. */
  private async advance(after: number): Promise<void> {
    while (this.waiting.size < MOST_WAITING) {
      const page = await this.o.kind.after(after, PAGE);
      const due = page.filter((record) => !this.ahead.has(record.id) && this.isDue(record));
      after = page.at(-1)?.id ?? after;
      await this.give(due, after);
      this.after = after;
      for (const { id } of page) this.ahead.delete(id);
      if (page.length < PAGE) return;
    }
  }

  /** Gives what has waited long enough. */
  private async ripe(): Promise<void> {
    const now = this.o.house.clock.now();
    const ids = [...this.waiting].flatMap(([id, due]) => (due <= now ? [id] : [])).sort((a, b) => a - b);
    for (const run of runs(ids)) {
      const [first] = run as [number];
      const page = await this.o.kind.after(first - 1, run.at(-1)! - first + 1);
      const found = new Map(page.map((record) => [record.id, record]));
      const due = run.flatMap((id) => found.get(id) ?? []).filter((record) => this.isDue(record));
      await this.give(due, this.after!);
      // what was not given waits anew, or is seen by no grant any more
      for (const id of run) if (this.waiting.get(id)! <= now) this.waiting.delete(id);
    }
  }

  /** Whether a record may be seen now; one that may be seen later waits. */
  private isDue(record: R): boolean {
    const { kind, view, house } = this.o;
    const due = kind.due(view, record);
    if (due <= house.clock.now()) return true;
    if (due < Infinity) this.waiting.set(record.id, due);
    return false;
  }

  /** Makes records batches. All up to `last` were looked at. */
  private async give(records: readonly R[], last: number): Promise<void> {
    const { house, onHead, kind, view } = this.o;
    const sizes = new Map(records.map((record) => [record.id, kind.rows(view, [record]).length]));
    const parts = runs([...sizes.keys()], { sizeOf: (id) => sizes.get(id)!, most: this.most });
    for (const [i, ids] of parts.entries()) {
      const next = parts[i + 1]?.[0] ?? Infinity;
      const after = Math.min(last, next - 1, this.firstWaiting(new Set(ids)) - 1);
      onHead(await house.store.lane.cutRecords(this.name, ids, after));
      // if what follows fails, these are not given again
      for (const id of ids) {
        this.waiting.delete(id);
        if (id > this.after!) this.ahead.add(id);
      }
    }
  }

  /** The lowest id that waits, without some; Infinity where none does. */
  private firstWaiting(without: ReadonlySet<number>): number {
    let first = Infinity;
    for (const id of this.waiting.keys()) if (id < first && !without.has(id)) first = id;
    return first;
  }

  /** Until the first that waits may be seen. */
  private sleep(): void {
    this.ripening?.dispose();
    this.ripening = undefined;
    if (this.closed || this.waiting.size === 0) return;
    const ms = Math.min(...this.waiting.values()) - this.o.house.clock.now();
    this.ripening = this.o.house.clock.after(Math.min(LONGEST_SLEEP, Math.max(PATIENCE, ms)), () => void this.look());
  }
}

/** Ids in order, cut where a batch is full or would reach too far. */
function runs(
  ids: readonly number[],
  { sizeOf, most }: { sizeOf: (id: number) => number; most: number } = { sizeOf: () => 0, most: Infinity },
): number[][] {
  const found: number[][] = [];
  let bytes = 0;
  for (const id of ids) {
    const run = found.at(-1);
    bytes += sizeOf(id);
    if (run !== undefined && run.length < MOST && id - run[0]! < SPAN && bytes <= most) run.push(id);
    else {
      found.push([id]);
      bytes = sizeOf(id);
    }
  }
  return found;
}
