import type { Clock } from '@smx-edge/model';

/** Least ms between two writes of new values to one device: it may keep each of them in memory that wears. */
const LEAST = 1000;

/** Whether writes may be so many ms apart: what was asked is to be on the device before it is given up. */
export const isWriteInterval = (ms: number): boolean => ms >= LEAST && ms <= 10_000;

/** As it is said to people. */
export const WRITE_INTERVAL_EXPECTED = '1s to 10s';

/** What is done on one unit, one after the other, and how soon values are written to it again. */
export class WritePace {
  private turns: Promise<unknown> = Promise.resolve();
  private last = -Infinity;

  /** `interval`: ms between two writes. */
  constructor(
    private readonly clock: Clock,
    private readonly interval = LEAST,
  ) {}

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

  /** Waits for what is done, so many ms at most, whether it succeeds or not. */
  within(ms: number, done: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(ms, resolve);
      const over = (): void => {
        timer.dispose();
        resolve();
      };
      done.then(over, over);
    });
  }

  private get left(): number {
    return this.last + this.interval - this.clock.monotonic();
  }
}
