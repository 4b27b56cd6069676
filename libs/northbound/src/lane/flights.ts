/** A batch without an ack is sent again after this time, ms, then after twice as long, up to the longest. */
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 5 * 60_000;

interface Flight {
  due: number;
  pause: number;
}

/** Batches that were sent and not acknowledged on this connection; bounded. Times are monotonic ms. */
export class Flights {
  private readonly flying = new Map<number, Flight>();

  /** `most` at once; `again`: whether they are sent again by themselves. */
  constructor(
    private readonly most: number,
    private readonly again: boolean,
  ) {}

  get size(): number {
    return this.flying.size;
  }

  get isFull(): boolean {
    return this.flying.size >= this.most;
  }

  has(seq: number): boolean {
    return this.flying.has(seq);
  }

  /** Counts a batch that was just sent; one that was sent before waits longer for its ack. */
  sent(seq: number, now: number): void {
    const known = this.flying.get(seq);
    if (known === undefined) {
      const due = this.again ? now + FIRST_PAUSE : Infinity;
      this.flying.set(seq, { due, pause: FIRST_PAUSE });
      return;
    }
    known.pause = Math.min(known.pause * 2, LONGEST_PAUSE);
    known.due = now + known.pause;
  }

  /** Batches that must be sent again now, in order. */
  due(now: number): number[] {
    return [...this.flying].flatMap(([seq, { due }]) => (due <= now ? [seq] : [])).sort((a, b) => a - b);
  }

  /** When the next is due; Infinity where none is. */
  get next(): number {
    let next = Infinity;
    for (const { due } of this.flying.values()) next = Math.min(next, due);
    return next;
  }

  /** Lets go of those that `isAcked`. */
  settle(isAcked: (seq: number) => boolean): void {
    for (const seq of this.flying.keys()) if (isAcked(seq)) this.flying.delete(seq);
  }

  clear(): void {
    this.flying.clear();
  }
}
