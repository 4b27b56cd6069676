import { latestKeyOf, messageClassOf, type MessageClass } from './message-class.js';
import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { WireFrame } from '../relay/wire.js';

export interface Queued {
  readonly frame: WireFrame;
  readonly head: FrameHead;
  readonly class: MessageClass;
  /** Of what is `latest`. */
  readonly key: string | undefined;
  /** Number in the log of this instance once it is there. */
  kept?: number;
  tries: number;
}

const MOST_QUEUED = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_OF_ALL = 12 * 1024 * 1024;
/** Messages before a mirror that is there but slow, above which those that say nothing later are left out. */
const SLOW = 100;

export const queued = (frame: WireFrame, head: FrameHead): Queued => {
  const kind = messageClassOf(head, frame.data);
  return { frame, head, class: kind, key: kind === 'latest' ? latestKeyOf(head, frame.data) : undefined, tries: 0 };
};

/** What all queues of an instance share of its memory. */
export class MirrorMemory {
  bytes = 0;
}

/** What a mirror has yet to get, in order. */
export class MirrorQueue {
  private items: Queued[] = [];
  private own = 0;
  /** Messages left out, of all times. */
  dropped = 0;

  constructor(
    private readonly memory: MirrorMemory,
    private readonly forgotten: (item: Queued) => void,
  ) {}

  get size(): number {
    return this.items.length;
  }

  get front(): Queued | undefined {
    return this.items[0];
  }

  has(frame: WireFrame): boolean {
    return this.items.some((item) => item.frame === frame);
  }

  [Symbol.iterator](): Iterator<Queued> {
    return this.items.values();
  }

  add(item: Queued, isThere: boolean): void {
    const passes = item.class === 'durable' || item.class === 'latest' || (isThere && this.items.length < SLOW);
    if (!passes) {
      this.dropped += 1;
      return;
    }
    if (item.key !== undefined) this.leave((other) => other.key === item.key && other.tries === 0);
    this.items.push(item);
    this.hold(item.frame.data.length);
    while (this.items.length > 0 && this.isFull) {
      this.dropped += 1;
      this.drop(this.items.find(({ class: kind }) => kind !== 'durable') ?? this.items[0]!);
    }
  }

  /** Before all others. */
  addFirst(items: readonly Queued[]): void {
    this.items.unshift(...items);
    for (const { frame } of items) this.hold(frame.data.length);
  }

  drop(item: Queued): void {
    this.leave((other) => other === item);
  }

  /** The mirror went: what says nothing later goes too. */
  lost(): void {
    this.leave(({ class: kind }) => kind === 'droppable' || kind === 'live');
  }

  private get isFull(): boolean {
    return this.items.length > MOST_QUEUED || this.own > MOST_BYTES || this.memory.bytes > MOST_BYTES_OF_ALL;
  }

  private hold(bytes: number): void {
    this.own += bytes;
    this.memory.bytes += bytes;
  }

  private leave(which: (item: Queued) => boolean): void {
    const left: Queued[] = [];
    for (const item of this.items) {
      if (!which(item)) {
        left.push(item);
        continue;
      }
      this.hold(-item.frame.data.length);
      this.forgotten(item);
    }
    this.items = left;
  }
}
