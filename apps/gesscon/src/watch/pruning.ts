import { describeError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import type { Retention } from '../store/retention.js';
import type { Watch } from './watch.js';

const DAY = 86_400_000;
/** Least between two slices, ms; after a longer one this many times as long, so that most of the time is left to batches. */
const PAUSE = 250;
const REST = 4;
/** How often it is looked whether there is something to do, and after which it is tried again where it failed, ms. */
const LOOK = 60_000;
const RETRY = 10 * 60_000;

export interface PruningOptions {
  readonly retention: Retention;
  /** Of several workers the one that keeps watch prunes. */
  readonly watch: Pick<Watch, 'leads'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long what boxes sent is kept, ms; undefined: for ever. */
  readonly keep: number | undefined;
}

/** Once a day lets go of what is older than it is kept, a slice at a time and at its own pace. */
export class Pruning {
  private timer: Disposable | undefined;
  private slice: Promise<void> = Promise.resolve();
  private run: AsyncGenerator<void> | undefined;
  /** When the next run is due, ms UTC. */
  private due = 0;

  constructor(private readonly o: PruningOptions) {}

  start(): void {
    if (this.o.keep !== undefined) this.after(PAUSE);
  }

  async stop(): Promise<void> {
    this.timer?.dispose();
    this.timer = undefined;
    await this.slice;
  }

  /** Resolves once no slice is at work. */
  idle(): Promise<void> {
    return this.slice;
  }

  private after(ms: number): void {
    this.timer = this.o.clock.after(ms, () => {
      this.slice = this.step().then((pause) => {
        if (this.timer !== undefined) this.after(pause);
      });
    });
  }

  /** One slice; gives the pause behind it, ms. */
  private async step(): Promise<number> {
    const { retention, watch, clock, log, keep = 0 } = this.o;
    const now = clock.now();
    if (!watch.leads || now < this.due) {
      this.run = undefined;
      return LOOK;
    }
    const begun = clock.monotonic();
    try {
      this.run ??= retention.forget(now - keep, now);
      const { done } = await this.run.next();
      if (done !== true) return Math.max(PAUSE, REST * (clock.monotonic() - begun));
      this.due = now + DAY;
    } catch (error) {
      log.warn('old data is not let go; it is tried again', { error: describeError(error) });
      this.due = now + RETRY;
    }
    this.run = undefined;
    return LOOK;
  }
}
