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
import type { RecordKind } from './record-kinds.js';

/** Records come in bursts; a batch is cut after this time, ms. */
const PATIENCE = 200;
const RETRY = 5000;
const PAGE = 500;
/** Records of one batch. */
const MOST = 100;

export interface RecordFeedOptions<R extends { readonly id: number }> {
  readonly principal: string;
  readonly view: PartyView;
  readonly house: LaneHouse;
  readonly kind: RecordKind<R>;
  readonly onHead: (head: LaneHead) => void;
}

/** Batches of records that are committed one by one: a batch is the list of their ids, made durable before it is sent. */
export class RecordFeed<R extends { readonly id: number }> implements LaneFeed {
  fault: SmxError | undefined;
  readonly ready: Promise<void>;
  private readonly name: LaneName;
  /** The last record that was looked at; undefined = the stream is not open. */
  private after: number | undefined;
  private timer: Disposable | undefined;
  private working: Promise<void> = Promise.resolve();
  private closed = false;
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
    await this.working;
  }

  async read(from: number, count: number): Promise<MadeBatch[]> {
    const kept = new Map(
      (await this.o.house.store.lane.readRecords(this.name, from, count)).map((one) => [one.seq, one]),
    );
    return Promise.all(Array.from({ length: count }, (_, i) => this.made(from + i, kept.get(from + i))));
  }

  private async made(seq: number, batch: RecordBatch | undefined): Promise<MadeBatch> {
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
        const seen = records.filter((record) => kind.sees(view, record));
        const name = { v: 1, e: house.store.lane.epoch, s: seq };
        const times = records.map((record) => kind.time(record));
        const why = records.length < ids.size || ids.size === 0 ? 'quota' : 'revoked';
        const gap = times.length === 0 ? [cut, cut] : [Math.min(...times), Math.max(...times)];
        const body = seen.length > 0 ? { rows: kind.rows(view, seen) } : { gap, why };
        return {
          payload: Buffer.from(JSON.stringify({ ...name, ...body, ...(isBacklog ? { h: true } : {}) })),
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
    const { house, kind, onHead, view } = this.o;
    const { store, log } = house;
    if (this.closed) return;
    try {
      if (this.after === undefined) {
        const head = await store.lane.openRecords(this.name);
        this.after = head.after;
        onHead(head);
      }
      for (let page: R[] = []; ;) {
        page = await kind.after(this.after, PAGE);
        const seen = page.filter((record) => kind.sees(view, record)).map(({ id }) => id);
        for (let from = 0; from < seen.length; from += MOST)
          onHead(await store.lane.cutRecords(this.name, seen.slice(from, from + MOST)));
        this.after = page.at(-1)?.id ?? this.after;
        if (page.length < PAGE) break;
      }
      this.fault = undefined;
    } catch (error) {
      this.fault = isSmxError(error) ? error : new SmxError('SMX_INTERNAL', describeError(error));
      log.warn('a stream could not be cut; it is tried again', { ...this.name, error: describeError(error) });
      this.later(RETRY);
    }
  }
}
