import type { Clock } from '@smx-edge/model';

/** Between two writes of new values to one device, ms: it may keep each of them in memory that wears. */
const PAUSE = 1000;

/** What is done on one unit, one after the other, and how soon values are written to it again. */
export class WritePace {
  private turns: Promise<unknown> = Promise.resolve();
  private last = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** Something was written. */
  wrote(): void {
    this.last = this.clock.monotonic();
  }

  /** Waits for those before it, and for nothing else: for what ends a command. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turns.then(work);
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  /** Waits besides until the device may be written to again, while others have their turns. */
  async paced<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const left = this.left;
      if (left > 0) await this.rest(left);
      const done = await this.take(async () => (this.left > 0 ? undefined : { value: await work() }));
      if (done !== undefined) return done.value;
    }
  }

  rest(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  private get left(): number {
    return this.last + PAUSE - this.clock.monotonic();
  }
}
