import type { Socket } from 'node:net';
import type { Client } from 'aedes';
import { filterMatches } from '@smx-edge/model';
import { TREE_KINDS, type Tree, type TreeKind } from './topics.js';

/** A message to one client. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Where a session takes the newest message of its tree from, at the moment it can send; undefined = there is none. */
export type TreeMessages = (kind: TreeKind) => Buffer | undefined;

const QOS: Record<TreeKind, 0 | 1> = { state: 1, cat: 1, now: 0 };
const NOTHING = 0;
const LIVE = 1;
/** For a new subscription: sent with the retain flag (OASIS MQTT 3.1.1 §3.3.1.3). */
const RETAINED = 2;

/**
 * One logged-in client. What it has coming of its own tree is a flag per topic and not a queue: a client that reads
 * slowly gets the newest message when its socket has drained, and nothing grows.
 */
export class Session {
  readonly filters = new Map<string, number>();
  /** Messages of the tree handed to the socket. */
  sent = 0;
  private readonly due: Record<TreeKind, number> = { state: NOTHING, cat: NOTHING, now: NOTHING };
  private readonly granted: Record<TreeKind, number> = { state: -1, cat: -1, now: -1 };
  private readonly drained = (): void => {
    this.pump();
    this.o.onDrain?.();
  };
  private over = false;

  constructor(
    readonly client: Client,
    readonly socket: Socket,
    private readonly o: {
      readonly principal: string;
      readonly clientId: string;
      readonly tree: Tree;
      readonly messages: TreeMessages;
      readonly backlog: number;
      /** The socket has room again. */
      readonly onDrain?: () => void;
    },
  ) {
    socket.on('drain', this.drained);
  }

  get principal(): string {
    return this.o.principal;
  }

  get clientId(): string {
    return this.o.clientId;
  }

  /** Whether it was ended; nothing is sent to it or taken from it any more. */
  get ended(): boolean {
    return this.over;
  }

  /**
   * Counts a subscription that is about to be granted. Answers already go to it: a client need not wait for its SUBACK
   * before it asks, and a server may send before it (OASIS MQTT 3.1.1 §3.8.4).
   */
  reserve(filter: string, qos: number): void {
    if (!this.filters.has(filter)) this.filters.set(filter, qos);
  }

  /** Notes granted subscriptions; gives the topics of the tree that the new filters match. */
  subscribed(filters: readonly { readonly topic: string; readonly qos: number }[]): TreeKind[] {
    for (const { topic, qos } of filters) this.filters.set(topic, qos);
    this.regrade();
    return TREE_KINDS.filter((kind) => filters.some(({ topic }) => filterMatches(topic, this.o.tree.topic(kind))));
  }

  unsubscribed(filters: readonly string[]): void {
    for (const filter of filters) this.filters.delete(filter);
    this.regrade();
  }

  /** Highest QoS granted for `topic`, -1 where no subscription matches. */
  qosOf(topic: string): number {
    let best = -1;
    for (const [filter, qos] of this.filters) if (qos > best && filterMatches(filter, topic)) best = qos;
    return best;
  }

  wants(kind: TreeKind): boolean {
    return this.granted[kind] >= 0 && !this.over;
  }

  /** Marks a topic of the tree as changed, or with `retained` as asked for by a new subscription. */
  offer(kind: TreeKind, retained = false): void {
    if (this.wants(kind)) this.due[kind] = Math.max(this.due[kind], retained ? RETAINED : LIVE);
  }

  /** Sends what is due, in order, unless the socket is still full; then its drain does it. */
  pump(): void {
    if (this.over || this.socket.destroyed || this.socket.writableNeedDrain) return;
    for (const kind of TREE_KINDS) {
      const due = this.due[kind];
      if (due === NOTHING) continue;
      this.due[kind] = NOTHING;
      const payload = this.o.messages(kind);
      if (payload === undefined) continue;
      this.write({ topic: this.o.tree.topic(kind), payload, qos: this.treeQos(kind), retain: due === RETAINED });
      this.sent++;
    }
  }

  /** Sends a message of its own right where a subscription matches; false where the client is too far behind for it. */
  deliver(message: Outgoing): boolean {
    if (this.over) return true;
    const granted = this.qosOf(message.topic);
    if (granted < 0) return true;
    if (this.socket.writableLength > this.o.backlog) return false;
    this.write({ ...message, qos: Math.min(granted, message.qos) as 0 | 1 });
    return true;
  }

  /** Tells the client by empty messages that its topics are gone. */
  clear(kinds: readonly TreeKind[]): void {
    for (const kind of kinds) {
      this.due[kind] = NOTHING;
      if (!this.wants(kind)) continue;
      this.write({ topic: this.o.tree.topic(kind), payload: Buffer.alloc(0), qos: this.treeQos(kind), retain: true });
    }
  }

  /** Whether its socket is full. */
  get isFull(): boolean {
    return !this.over && this.socket.writableNeedDrain;
  }

  /** Ends it: what was sent still goes out, then the socket is closed, by force after `force`. */
  end(force: (fn: () => void) => void): void {
    if (this.over) return;
    this.dispose();
    // the engine writes in the check phase, so ending one turn later keeps its last messages
    setImmediate(() => setImmediate(() => this.socket.end()));
    force(() => this.socket.destroy());
  }

  /** Forgets the client; for one whose connection is gone. */
  dispose(): void {
    this.over = true;
    this.socket.off('drain', this.drained);
  }

  private write({ topic, payload, qos, retain }: Outgoing): void {
    // an error of the write ends the client in the engine, which reports it
    this.client.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => undefined);
  }

  private treeQos(kind: TreeKind): 0 | 1 {
    return this.granted[kind] === 1 ? 1 : 0;
  }

  private regrade(): void {
    for (const kind of TREE_KINDS) this.granted[kind] = Math.min(QOS[kind], this.qosOf(this.o.tree.topic(kind)));
  }
}
