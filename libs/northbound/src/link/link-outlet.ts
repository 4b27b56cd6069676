import type { IClientPublishOptions } from 'mqtt';
import type { Clock, Disposable } from '@smx-edge/model';
import type { LaneExit } from '../lane/lane-options.js';
import type { Outlet } from '../party.js';
import { TREE_KINDS, type Tree, type TreeKind } from '../topics.js';
import type { Connection } from './connection.js';
import { linkFault } from './fault.js';

/** With 5.0 a `now` that is not renewed is gone after this time, s; it is renewed at half of it. */
const NOW_EXPIRY = 120;
export const NOW_RENEWAL = (NOW_EXPIRY * 1000) / 2;
const NOTHING = Buffer.alloc(0);
/** A broker that answers pings and confirms nothing for this long takes nothing, ms. */
const ANSWER_TIME = 60_000;
/** Bytes of a PUBLISH around topic and payload, at most. */
const HEADER = 32;

export interface OutletOptions {
  readonly connection: Connection;
  readonly tree: Tree;
  readonly messages: (kind: TreeKind) => Buffer | undefined;
  /** Payload as it goes over the wire. */
  readonly pack: (payload: Buffer) => Buffer;
  /** Whether `now` is wanted. */
  readonly now: boolean;
  readonly clock: Clock;
  readonly answerTime?: number;
  readonly onSent: () => void;
  /** A message that the broker does not take; `bytes` where it would be too large for it. */
  readonly onRefused: (kind: string, why: { bytes: number } | { error: Error }) => void;
}

/** A message on its way. */
interface Flight {
  readonly kind: string;
  readonly bytes: number;
}

/**
 * The tree of a party on one connection to an outside broker. As on the local broker a flag per topic says what is
 * due, and the newest is sent when the broker has taken the one before and the socket has room: nothing grows.
 */
export class LinkOutlet implements Outlet {
  private readonly due = new Set<TreeKind>();
  /** What waits for its PUBACK, with the end of its patience. */
  private readonly flying = new Map<Flight, Disposable>();
  private waiters: (() => void)[] = [];
  private over = false;

  constructor(private readonly o: OutletOptions) {}

  /** The largest message that waits for its PUBACK, for the reason of a sudden end. */
  get unanswered(): Flight | undefined {
    return [...this.flying.keys()].sort((a, b) => b.bytes - a.bytes)[0];
  }

  wants(kind: TreeKind): boolean {
    return !this.over && (kind !== 'now' || this.o.now);
  }

  offer(kind: TreeKind): void {
    if (this.wants(kind)) this.due.add(kind);
  }

  pump(): void {
    if (this.over || this.o.connection.full) return;
    for (const kind of TREE_KINDS) {
      if (!this.due.has(kind) || this.isFlying(kind)) continue;
      this.due.delete(kind);
      const payload = this.o.messages(kind);
      if (payload !== undefined) this.send(kind, this.o.pack(payload));
    }
  }

  clear(kinds: readonly TreeKind[]): void {
    if (this.over) return;
    for (const kind of kinds) {
      this.due.delete(kind);
      this.send(kind, NOTHING);
    }
  }

  /** What it no longer may show is taken off the broker at once, whatever `now:` says. */
  lost(): void {
    this.clear(['now']);
    this.offer('now');
  }

  /** The way for the batches of a stream. */
  stream(name: string): LaneExit {
    const { connection, onRefused, onSent, pack, tree } = this.o;
    const topic = tree.topic(`t/${name}`);
    return {
      get full() {
        return connection.full;
      },
      limit: connection.limit - topic.length - HEADER,
      send: (text, taken) => {
        const payload = pack(text);
        const flight = { kind: `t/${name}`, bytes: payload.length + topic.length + HEADER };
        if (flight.bytes > connection.limit) {
          onRefused(flight.kind, { bytes: flight.bytes });
          return false;
        }
        this.fly(flight);
        connection.publish({ topic, payload, options: { qos: 1 } }, (error) => {
          this.land(flight);
          if (error === undefined) {
            onSent();
            taken();
          } else onRefused(flight.kind, { error });
          this.settle();
        });
        return true;
      },
    };
  }

  /** Calls `done` once the broker has taken everything. */
  idle(done: () => void): void {
    if (this.flying.size === 0) done();
    else this.waiters.push(done);
  }

  /** The connection is gone. */
  end(): void {
    this.over = true;
    for (const late of this.flying.values()) late.dispose();
    this.flying.clear();
    this.settle();
  }

  private send(kind: TreeKind, payload: Buffer): void {
    const { connection, tree, onRefused, onSent } = this.o;
    const topic = tree.topic(kind);
    const bytes = payload.length + topic.length + HEADER;
    if (bytes > connection.limit) {
      onRefused(kind, { bytes });
      return;
    }
    // clearing asks for an answer also where the stream does not
    const qos = kind === 'now' && payload.length > 0 ? 0 : 1;
    const flight = { kind, bytes };
    if (qos === 1) this.fly(flight);
    connection.publish({ topic, payload, options: this.options(kind, qos) }, (error) => {
      this.land(flight);
      if (error === undefined) onSent();
      else onRefused(kind, { error });
      this.settle();
      this.pump();
    });
  }

  /** Notes a message that the broker is to confirm, in time. */
  private fly(flight: Flight): void {
    const { answerTime = ANSWER_TIME, clock, connection } = this.o;
    const what = `the broker did not confirm \`${flight.kind}\` within ${answerTime / 1000} s`;
    const late = clock.after(answerTime, () => connection.drop(linkFault('SMX_LINK_SILENT', what)));
    this.flying.set(flight, late);
  }

  private land(flight: Flight): void {
    this.flying.get(flight)?.dispose();
    this.flying.delete(flight);
  }

  private isFlying(kind: TreeKind): boolean {
    for (const flight of this.flying.keys()) if (flight.kind === kind) return true;
    return false;
  }

  private options(kind: TreeKind, qos: 0 | 1): IClientPublishOptions {
    const expires = kind === 'now' && qos === 0 && this.o.connection.version === 5;
    return { qos, retain: true, ...(expires ? { properties: { messageExpiryInterval: NOW_EXPIRY } } : {}) };
  }

  private settle(): void {
    if (this.flying.size > 0) return;
    for (const done of this.waiters.splice(0)) done();
  }
}
