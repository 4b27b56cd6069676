import type { GapKind } from './types.js';

/** In place of what was taken. */
const NOTHING = new Uint8Array(0);

/** What a waiting chunk costs besides its bytes, so that a stream of single bytes is bounded too. */
const OVERHEAD = 128;

interface QueueOptions {
  /** Bytes held before `full` is called. */
  readonly limit: number;
  readonly onGap: (kind: GapKind) => void;
  readonly onFull: () => void;
  /** The reader has caught up: half of the bound is free again. */
  readonly onRoom: () => void;
}

type Waiter = (result: IteratorResult<Uint8Array>) => void;

/**
 * Chunks on their way to one reader, in order with the gaps between them. Bounded by its owner: at the limit it asks
 * to be held back, and what still comes is kept; `pushBounded` drops the oldest instead.
 */
export class ChunkQueue implements AsyncIterableIterator<Uint8Array> {
  private entries: (Uint8Array | GapKind)[] = [];
  private head = 0;
  private cost = 0;
  private waiters: Waiter[] = [];
  private ended = false;
  private full = false;

  constructor(private readonly options: QueueOptions) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    while (this.head < this.entries.length) {
      const entry = this.shift();
      if (typeof entry !== 'string') return Promise.resolve({ value: entry, done: false });
      this.options.onGap(entry);
    }
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Leaving a loop leaves the line as it is; whoever waits beside it is let go. */
  return(): Promise<IteratorResult<Uint8Array>> {
    return Promise.resolve({ value: undefined, done: true });
  }

  push(chunk: Uint8Array): void {
    const waiter = this.waiters.shift();
    if (waiter !== undefined) {
      waiter({ value: chunk, done: false });
      return;
    }
    this.entries.push(chunk);
    this.cost += chunk.length + OVERHEAD;
    if (!this.full && this.cost >= this.options.limit) {
      this.full = true;
      this.options.onFull();
    }
  }

  /** For sources that cannot be held back. Returns how many of the oldest chunks were dropped. */
  pushBounded(chunk: Uint8Array): number {
    let dropped = 0;
    while (this.cost > 0 && this.cost + chunk.length + OVERHEAD > this.options.limit) {
      if (typeof this.shift() !== 'string') dropped++;
    }
    if (dropped > 0 && this.entries[this.head] !== 'dropped') this.unshiftGap('dropped');
    this.push(chunk);
    return dropped;
  }

  gap(kind: GapKind): void {
    if (this.head === this.entries.length) this.options.onGap(kind);
    else if (this.entries[this.entries.length - 1] !== kind) this.entries.push(kind);
  }

  clear(): void {
    this.entries = [];
    this.head = 0;
    this.cost = 0;
    this.room();
  }

  end(): void {
    this.ended = true;
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter({ value: undefined, done: true });
  }

  private unshiftGap(kind: GapKind): void {
    if (this.head > 0) this.entries[--this.head] = kind;
    else this.entries.unshift(kind);
  }

  private shift(): Uint8Array | GapKind {
    const entry = this.entries[this.head]!;
    // a queue that never runs empty would hold on to a thousand chunks that were taken
    this.entries[this.head++] = NOTHING;
    if (this.head > 1024 && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    } else if (this.head === this.entries.length) {
      this.entries.length = 0;
      this.head = 0;
    }
    if (typeof entry !== 'string') {
      this.cost -= entry.length + OVERHEAD;
      if (this.cost * 2 <= this.options.limit) this.room();
    }
    return entry;
  }

  private room(): void {
    if (!this.full) return;
    this.full = false;
    this.options.onRoom();
  }
}
