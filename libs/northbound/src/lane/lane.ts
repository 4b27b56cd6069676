import { BatchRanges, describeError, type BatchRange, type Disposable, type LaneHead } from '@smx-edge/model';
import { TokenBucket } from '../send-budget.js';
import { parseAck } from './ack-message.js';
import { CutTimes } from './cut-times.js';
import { Flights } from './flights.js';
import type { LaneExit, LaneFeed, LaneHouse, LaneOptions, LanePart, LaneStatus, MadeBatch } from './lane-options.js';

/** After `online` the consumer has this time to say what it has, before anything is sent again, ms. */
const ACK_TIME = 2000;
/** Batches on their way without an ack. */
const WINDOW = 64;
/** Batches read from the store at once. */
const CHUNK = 16;
const BACKLOG_RATE = 20;
/** After an outage of this length a whole fleet comes back: each begins at a time of its own, ms. */
const LONG_OUTAGE = 3_600_000;
const LONGEST_START = 600_000;
/** A batch whose grant pauses is looked at again after this time, ms. */
const PAUSE = 10_000;
const RETRY = 1000;
/** Ranges of acknowledged batches, so that no consumer can fill memory by acking every other one. */
const MOST_RANGES = 10_000;

/**
 * One stream of one party: sends its batches, live ones at once and a backlog beside them at a bounded rate, and sends
 * again what is not acknowledged. It keeps numbers only; every batch is made by the store when it is sent.
 */
export class Lane {
  private readonly feed: LaneFeed;
  private acked = new BatchRanges();
  private next = 0;
  private exit: LaneExit | undefined;
  /** Batches from here on were cut while the party is here. */
  private liveFrom = 0;
  private liveNext = 0;
  /** What the walk through the backlog has not come to yet: from … to. */
  private backlog: { from: number; to: number } = { from: 1, to: 0 };
  private backlogAt = Infinity;
  /** Live batches that found the window full, and batches whose grant pauses. */
  private later = new BatchRanges();
  private laterAt = Infinity;
  private readonly flights: Flights;
  /** Batches that were sent while the core runs, and those of them that went live. */
  private readonly sent = new BatchRanges();
  private readonly sentLive = new BatchRanges();
  private readonly cutTimes = new CutTimes();
  private readonly budget: TokenBucket;
  private timer: Disposable | undefined;
  private isPumping = false;
  private wantsPump = false;
  private leftAt: number | undefined;
  /** Nothing but the word of the consumer holds up the backlog. */
  private waitsForAck = false;
  private readonly count = { sent: 0, resent: 0, refused: 0, foreign: 0 };
  private closed = false;

  constructor(
    private readonly part: LanePart,
    private readonly o: LaneOptions,
    private readonly house: LaneHouse,
  ) {
    this.flights = new Flights(WINDOW, o.ack === 'consumer');
    const rate = house.backlogRate ?? BACKLOG_RATE;
    this.budget = new TokenBucket(rate, rate, house.clock.monotonic());
    this.feed = part.feed((head) => this.opened(head));
  }

  get stream(): string {
    return this.part.stream;
  }

  /** Resolves once the store has told how far the stream is, or could not. */
  get ready(): Promise<void> {
    return this.feed.ready;
  }

  /** [oldest, next] as `state` tells it; undefined while it has no stream. */
  get head(): BatchRange | undefined {
    return this.next === 0 ? undefined : [this.oldest, this.next];
  }

  status(): LaneStatus {
    const { next, oldest, feed } = this;
    const behind = next - oldest - (next > oldest ? this.acked.count(oldest, next - 1) : 0);
    const { fault } = feed;
    const since = behind > 0 ? this.cutTimes.of(oldest) : undefined;
    return {
      ...{ stream: this.stream, next, oldest, behind, ...this.count },
      ...(since === undefined ? {} : { since }),
      ...(fault === undefined ? {} : { code: fault.code, reason: fault.message }),
    };
  }

  /** The party is here: what is cut from now on goes at once, what it missed after its ack. */
  attach(exit: LaneExit): void {
    this.exit = exit;
    this.feed.fit(exit.limit);
    if (this.next > 0) this.begin();
  }

  /** The party is gone. */
  detach(): void {
    this.exit = undefined;
    this.leftAt = this.house.clock.monotonic();
    this.timer?.dispose();
    this.timer = undefined;
    this.flights.clear();
  }

  /** New batches were cut. */
  advanced(next: number): void {
    if (next <= this.next || this.next === 0) return;
    this.cutTimes.add(this.next, this.house.clock.now());
    this.next = next;
    this.pump();
  }

  /** Takes `ack/{stream}`. */
  take(body: Readonly<Record<string, unknown>>): void {
    const ack = parseAck(body);
    if (ack === undefined) this.refuse();
    else if (ack.epoch !== this.house.store.lane.epoch) this.count.foreign++;
    else {
      this.settle(ack.ranges);
      // it said what it has: no need to wait any longer
      if (this.waitsForAck) this.backlogAt = -Infinity;
      this.pump();
    }
  }

  /** Batches that are asked for once more. */
  again(from: number, count: number): Promise<MadeBatch[]> {
    return this.feed.read(from, Math.min(count, this.next - from));
  }

  /** Counts an ack that could not be read. */
  refuse(): void {
    this.count.refused++;
  }

  /** Sends what can be sent now. */
  pump(): void {
    this.wantsPump = true;
    if (this.isPumping) return;
    this.isPumping = true;
    void this.run();
  }

  close(): Promise<void> {
    this.closed = true;
    this.detach();
    return this.feed.close();
  }

  private get oldest(): number {
    return Math.min(this.acked.firstMissing(1), this.next);
  }

  private opened({ next, acked }: LaneHead): void {
    const isFirst = this.next === 0;
    if (!isFirst && next > this.next) this.cutTimes.add(this.next, this.house.clock.now());
    this.next = Math.max(next, this.next);
    if (isFirst) {
      this.acked = new BatchRanges(acked);
      this.house.onOpen(this.part.principal);
    }
    if (isFirst && this.exit !== undefined) this.begin();
    else this.pump();
  }

  private begin(): void {
    const { clock, random } = this.house;
    const now = clock.monotonic();
    this.flights.clear();
    this.later = new BatchRanges();
    this.laterAt = Infinity;
    this.liveFrom = this.liveNext = this.next;
    this.backlog = { from: this.oldest, to: this.next - 1 };
    // after a start of the core, what is missing tells how long it was
    const away = this.leftAt === undefined ? (this.next - this.oldest) * this.o.batch : now - this.leftAt;
    const jitter = away >= LONG_OUTAGE ? random() * LONGEST_START : 0;
    this.waitsForAck = jitter === 0 && this.o.ack === 'consumer';
    this.backlogAt = now + jitter + (this.o.ack === 'consumer' ? ACK_TIME : 0);
    this.pump();
  }

  private async run(): Promise<void> {
    try {
      while (this.wantsPump && !this.closed) {
        this.wantsPump = false;
        await this.sendDue();
      }
    } catch (error) {
      this.house.log.debug('batches could not be read; tried again', { ...this.name, error: describeError(error) });
      this.wake(RETRY);
    } finally {
      this.isPumping = false;
    }
  }

  private get name(): { principal: string; stream: string } {
    const { principal, stream } = this.part;
    return { principal, stream };
  }

  private async sendDue(): Promise<void> {
    const { clock } = this.house;
    while (this.exit !== undefined && !this.exit.full) {
      const now = clock.monotonic();
      if (this.liveNext < this.next) {
        await this.sendLive();
        continue;
      }
      const due = this.flights.due(now)[0];
      if (due !== undefined) {
        await this.send({ from: due, count: 1 }, { isAgain: true });
        continue;
      }
      if (!(await this.sendBacklog(now))) break;
    }
    const next = Math.min(this.flights.next, this.nextBacklog());
    if (this.exit !== undefined && next < Infinity) this.wake(Math.max(1, next - clock.monotonic()));
  }

  private async sendLive(): Promise<void> {
    const from = this.liveNext;
    const count = Math.min(CHUNK, this.next - from);
    this.sentLive.add([from, from + count - 1]);
    if (await this.send({ from, count })) this.liveNext = from + count;
  }

  /** One chunk of what the party missed. False where there is nothing to send now. */
  private async sendBacklog(now: number): Promise<boolean> {
    if (now < this.backlogAt || this.flights.isFull) return false;
    if (this.laterAt <= now && this.backlog.from > this.backlog.to) this.takeLater();
    const part = this.nextPart();
    if (part === undefined || this.budget.wait(now) > 0) return false;
    this.budget.spend(part.count, now);
    if (!(await this.send(part, { isReverse: this.o.order === 'newest-first' }))) return false;
    if (this.o.order === 'newest-first') this.backlog.to = part.from - 1;
    else this.backlog.from = part.from + part.count;
    return true;
  }

  /** The next batches of the backlog without an ack: neighbours, at most a chunk and what the window has room for. */
  private nextPart(): { from: number; count: number } | undefined {
    const { backlog, acked, flights } = this;
    const most = Math.min(CHUNK, WINDOW - flights.size);
    if (this.o.order === 'newest-first') {
      backlog.to = acked.lastMissing(backlog.to);
      if (backlog.to < backlog.from) return undefined;
      let from = backlog.to;
      while (from > backlog.from && backlog.to - from + 1 < most && !acked.has(from - 1)) from--;
      return { from, count: backlog.to - from + 1 };
    }
    backlog.from = acked.firstMissing(backlog.from);
    if (backlog.from > backlog.to) return undefined;
    let to = backlog.from;
    while (to < backlog.to && to - backlog.from + 1 < most && !acked.has(to + 1)) to++;
    return { from: backlog.from, count: to - backlog.from + 1 };
  }

  private takeLater(): void {
    const { list } = this.later;
    const first = list[0];
    const last = list.at(-1);
    this.later = new BatchRanges();
    this.laterAt = Infinity;
    if (first !== undefined && last !== undefined) this.backlog = { from: first[0], to: last[1] };
  }

  private nextBacklog(): number {
    if (this.flights.isFull) return Infinity;
    const now = this.house.clock.monotonic();
    if (this.nextPart() !== undefined) return Math.max(this.backlogAt, now + this.budget.wait(now));
    return Math.max(this.backlogAt, this.laterAt);
  }

  /** Whether all went out; false where the party left in between. */
  private async send(
    { from, count }: { from: number; count: number },
    { isReverse = false, isAgain = false } = {},
  ): Promise<boolean> {
    const { exit } = this;
    const batches = await this.feed.read(from, count);
    if (isReverse) batches.reverse();
    const isOver = (): boolean => exit !== this.exit || this.closed;
    for (const batch of batches) {
      // each is made, and deflated, in one go
      await this.house.turns.next();
      if (exit === undefined || isOver()) return false;
      if (!this.acked.has(batch.seq) && (isAgain || !this.flights.has(batch.seq))) this.sendOne(batch, exit);
    }
    return !isOver();
  }

  private sendOne(batch: MadeBatch, exit: LaneExit): void {
    const now = this.house.clock.monotonic();
    const { seq } = batch;
    const isBacklog = !this.sentLive.has(seq);
    this.cutTimes.add(seq, batch.cut);
    const message = batch.message(isBacklog);
    if (message === undefined) {
      this.postpone(seq, now + PAUSE);
      return;
    }
    if (this.sent.add([seq, seq])) this.count.sent++;
    else this.count.resent++;
    if (this.flights.has(seq) || !this.flights.isFull) this.flights.sent(seq, now);
    else this.postpone(seq, now + PAUSE);
    const taken = (): void => {
      if (this.o.ack === 'broker' && !this.closed) this.settle([[seq, seq]]);
    };
    // what never fits would hold its stream up for ever
    if (exit.send(message.payload, taken)) message.gave();
    else exit.send(message.gap(), taken);
  }

  private postpone(seq: number, at: number): void {
    this.flights.settle((other) => other === seq);
    this.later.add([seq, seq]);
    this.laterAt = Math.min(this.laterAt, at);
  }

  private settle(ranges: readonly BatchRange[]): void {
    let isNew = false;
    for (const [from, to] of ranges) {
      if (this.acked.list.length >= MOST_RANGES && from > this.oldest) continue;
      if (this.acked.add([from, Math.min(to, this.next - 1)])) isNew = true;
    }
    if (!isNew) return;
    this.flights.settle((seq) => this.acked.has(seq));
    this.house.store.lane.ackLane(this.name, this.acked.list);
    this.pump();
  }

  private wake(ms: number): void {
    this.timer?.dispose();
    this.timer = this.house.clock.after(ms, () => {
      this.timer = undefined;
      this.pump();
    });
  }
}
