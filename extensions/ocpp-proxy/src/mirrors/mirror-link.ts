import type { Log } from '@smx-edge/model';
import { decodeFrame, peekFrame, type FrameHead } from '@smx-edge/protocols/ocpp-j';
import { backOff } from '../away/back-off.js';
import type { Circuit } from '../relay/circuit.js';
import type { Dial, FarSide } from '../relay/far-side.js';
import { transactionIdOf, withTransactionId } from '../relay/transaction-id.js';
import { linkEnd, LOST, type Handshake, type WireFrame } from '../relay/wire.js';
import type { KeptQueue } from './kept-queue.js';
import { latestKeyOf } from './message-class.js';
import { MirrorCalls, type Ordered } from './mirror-calls.js';
import { MirrorQueue, queued, type MirrorMemory, type Queued } from './mirror-queue.js';
import { authorizationOf, type MirrorSettings } from './mirror-settings.js';
import { TransactionMap } from './transaction-map.js';

export interface MirrorLinkOptions {
  readonly settings: MirrorSettings;
  readonly identity: string;
  readonly dial: Dial;
  readonly memory: MirrorMemory;
  readonly log: Log;
  readonly ordered: Ordered;
  /** 0 … 1. */
  readonly random: () => number;
  /** ms for an answer. */
  readonly answerWithin: number;
}

/** Tries at a mirror that goes without an answer to the same message. */
const MOST_TRIES = 3;
/** ms after which what waits is written down; what a mirror gets sooner is not. */
const KEEP_AFTER = 10_000;
/** ms that a connection has to last for the next pause to be the shortest. */
const STAYS_AFTER = 10_000;
/** Bytes that a mirror may leave unread. */
const MOST_UNREAD = 1024 * 1024;
const GOING_AWAY = linkEnd(1001);
/** Of its boot and its connectors: no charge point has more, nor longer ones. */
const MOST_LATEST = 65;
const LONGEST_LATEST = 8 * 1024;
/** What a mirror that came back is told of first. */
const REPEATED = new Set(['BootNotification', 'StatusNotification']);

/** One charge point at one mirror: it gets the CALLs of the charge point one at a time, and nothing that it says is heard. */
export class MirrorLink {
  private readonly queue: MirrorQueue;
  private readonly transactions = new TransactionMap();
  private readonly latest = new Map<string, WireFrame>();
  private readonly calls: MirrorCalls;
  private kept: KeptQueue | undefined;
  private circuit: Circuit | undefined;
  /** As the charge point asked last. */
  private handshake: Handshake | undefined;
  private farSide: FarSide | undefined;
  private open: { readonly item: Queued; readonly timer: NodeJS.Timeout } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private keeping: NodeJS.Timeout | undefined;
  private isDialling = false;
  private isStopped = false;
  private failures = 0;
  private since = 0;

  constructor(private readonly o: MirrorLinkOptions) {
    this.queue = new MirrorQueue(o.memory, (item) => this.kept?.forget(item));
    this.calls = new MirrorCalls({
      allowed: o.settings.calls,
      circuit: () => this.circuit,
      answer: (text) => this.say(text),
      ordered: (call, answer) => o.ordered(o.identity, call, answer),
      flooded: () => this.farSide?.close(linkEnd(1008, 'too many calls')),
    });
  }

  get waiting(): number {
    return this.queue.size;
  }

  get dropped(): number {
    return this.queue.dropped;
  }

  get isConnected(): boolean {
    return this.farSide !== undefined;
  }

  /** What was kept before a restart comes before all else. */
  keepIn(kept: KeptQueue, left: readonly Queued[]): void {
    this.kept = kept;
    this.queue.addFirst(left);
    this.keepSoon();
    this.next();
  }

  opened(circuit: Circuit): void {
    this.circuit = circuit;
    this.handshake = this.handshakeOf(circuit);
    if (this.farSide === undefined && this.timer === undefined) void this.dial();
  }

  closed(circuit: Circuit): void {
    if (this.circuit !== circuit) return;
    this.circuit = undefined;
    this.restIfDone();
  }

  fromChargePoint(frame: WireFrame, head: FrameHead): void {
    if (REPEATED.has(head.action ?? '')) this.note(frame, head);
    this.queue.add(queued(frame, head), this.farSide !== undefined);
    this.keepSoon();
    this.next();
  }

  fromBackEnd(frame: WireFrame, head: FrameHead): void {
    if (!this.o.settings.mapsTransactions || head.kind !== 'result') return;
    const id = transactionIdOf(frame.data);
    if (id !== undefined) this.transactions.answered(head.id, id);
  }

  /** What waits and is not yet written down is written down. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.keeping);
    clearTimeout(this.open?.timer);
    this.farSide?.close(GOING_AWAY);
    await this.keep();
  }

  private note(frame: WireFrame, head: FrameHead): void {
    const key = latestKeyOf(head, frame.data);
    this.latest.delete(key);
    if (frame.data.length <= LONGEST_LATEST) this.latest.set(key, frame);
    if (this.latest.size > MOST_LATEST) this.latest.delete(this.latest.keys().next().value!);
  }

  private handshakeOf({ handshake, subprotocol }: Circuit): Handshake {
    const { settings, identity } = this.o;
    return {
      identity,
      url: `/${encodeURIComponent(settings.idOf(identity))}`,
      protocols: subprotocol === undefined ? [] : [subprotocol],
      authorization: authorizationOf(settings, identity),
      userAgent: handshake.userAgent,
      remoteAddress: handshake.remoteAddress,
    };
  }

  private async dial(): Promise<void> {
    this.timer = undefined;
    if (this.isDialling || this.handshake === undefined) return;
    this.isDialling = true;
    const result = await this.o.dial(this.handshake);
    this.isDialling = false;
    if ('failure' in result) this.again(result.failure.text);
    else if (this.isStopped) result.farSide.close(GOING_AWAY);
    else if (this.handshake.protocols.includes(result.farSide.protocol) || result.farSide.protocol === '') {
      this.reached(result.farSide);
    } else {
      result.farSide.close(GOING_AWAY);
      this.again('it chose another subprotocol');
    }
  }

  private reached(farSide: FarSide): void {
    this.farSide = farSide;
    this.since = performance.now();
    const again = [...this.latest.values()].filter((frame) => !this.queue.has(frame));
    this.queue.addFirst(again.map((frame) => queued(frame, peekFrame(frame.data)!)));
    farSide.listen({ frame: (frame) => this.heard(frame), end: () => this.lost(farSide) });
    this.next();
  }

  private lost(farSide: FarSide): void {
    if (this.farSide !== farSide) return;
    this.farSide = undefined;
    clearTimeout(this.open?.timer);
    const item = this.open?.item;
    this.open = undefined;
    if (item !== undefined && item.tries >= MOST_TRIES) {
      this.o.log.warn('a mirror takes a message without an answer, it is left out', { identity: this.o.identity, action: item.head.action }); // prettier-ignore
      this.queue.drop(item);
    }
    this.queue.lost();
    if (performance.now() - this.since >= STAYS_AFTER) this.failures = 0;
    this.again('its connection ended');
  }

  private again(why: string): void {
    if (this.isStopped || this.timer !== undefined) return;
    if (this.circuit === undefined && this.queue.size === 0) return;
    this.failures += 1;
    const pause = backOff(this.failures, this.o.random());
    const { identity, settings } = this.o;
    this.o.log[this.failures === 1 ? 'warn' : 'debug']('a mirror is away', { identity, mirror: settings.index, why, pause }); // prettier-ignore
    this.timer = setTimeout(() => void this.dial(), pause);
  }

  private next(): void {
    const item = this.queue.front;
    if (this.farSide === undefined || this.open !== undefined) return;
    if (item === undefined) {
      this.restIfDone();
      return;
    }
    const { frame, head } = item;
    item.tries += 1;
    if (!this.farSide.send(this.mapped(frame))) return;
    if (head.kind === 'send') {
      this.queue.drop(item);
      this.next();
      return;
    }
    this.open = { item, timer: setTimeout(() => this.farSide?.close(LOST), this.o.answerWithin) };
  }

  private mapped(frame: WireFrame): WireFrame {
    if (!this.o.settings.mapsTransactions) return frame;
    return { ...frame, data: withTransactionId(frame.data, (id) => this.transactions.of(id)) };
  }

  private heard(frame: WireFrame): void {
    const head = peekFrame(frame.data);
    if (head?.kind === 'call') this.calls.take(frame, head);
    else if (head !== undefined && head.kind !== 'send' && head.id === this.open?.item.head.id)
      this.answered(frame, head);
  }

  private answered(frame: WireFrame, head: FrameHead): void {
    const { item, timer } = this.open!;
    clearTimeout(timer);
    this.open = undefined;
    this.failures = 0;
    if (this.o.settings.mapsTransactions) this.learn(item, frame, head);
    this.queue.drop(item);
    this.next();
  }

  private learn({ frame: asked, head: { action } }: Queued, frame: WireFrame, { id, kind }: FrameHead): void {
    if (action === 'StartTransaction' && kind === 'result') {
      const own = decodeFrame(frame.data)?.payload['transactionId'];
      if (typeof own === 'number') this.transactions.mirrored(id, own);
    } else if (action === 'StopTransaction') {
      const theirs = transactionIdOf(asked.data);
      if (theirs !== undefined) this.transactions.ended(theirs);
    }
  }

  private say(text: string): void {
    if (this.farSide === undefined) return;
    // it asks and does not read
    if (this.farSide.bufferedAmount > MOST_UNREAD) this.farSide.close(LOST);
    else this.farSide.send({ data: Buffer.from(text), isBinary: false });
  }

  /** Without a charge point a mirror is kept only until it has everything. */
  private restIfDone(): void {
    if (this.circuit === undefined && this.queue.size === 0) this.farSide?.close(GOING_AWAY);
  }

  private keepSoon(): void {
    if (this.keeping !== undefined || this.isStopped) return;
    this.keeping = setTimeout(() => {
      this.keeping = undefined;
      void this.keep();
    }, KEEP_AFTER);
    this.keeping.unref();
  }

  private async keep(): Promise<void> {
    for (const item of [...this.queue]) {
      if (item.class !== 'durable' || !this.queue.has(item.frame)) continue;
      await this.kept?.keep(item);
      // it got through meanwhile
      if (!this.queue.has(item.frame)) this.kept?.forget(item);
    }
  }
}
