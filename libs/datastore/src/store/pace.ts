import type { Clock, Disposable } from '@smx-edge/model';

const SECOND = 1000;
const IDLE_TICK = 10;

export interface PaceOptions {
  readonly clock: Clock;
  /** ms between two syncs; asked before each. */
  readonly flush: () => number;
  /** Each second: what has gathered goes to the journal. */
  readonly write: () => void;
  /** Every ten seconds, and each second while something is wrong. */
  readonly tick: () => void;
  /** Every `flush` ms: what was written is made durable. */
  readonly sync: () => void;
  readonly troubled: () => boolean;
}

/** The rhythm of the store. */
export class Pace implements Disposable {
  private second: Disposable;
  private flush: Disposable;
  private seconds = 0;

  constructor(private readonly options: PaceOptions) {
    this.second = this.armSecond();
    this.flush = this.armFlush();
  }

  /** `flush` may be shorter than before. */
  hasten(): void {
    this.flush.dispose();
    this.flush = this.armFlush();
  }

  dispose(): void {
    this.second.dispose();
    this.flush.dispose();
  }

  private armSecond(): Disposable {
    const { clock, write, tick, troubled } = this.options;
    return clock.after(SECOND, () => {
      this.second = this.armSecond();
      write();
      if (++this.seconds % IDLE_TICK === 0 || troubled()) tick();
    });
  }

  private armFlush(): Disposable {
    const { clock, flush, write, sync } = this.options;
    return clock.after(flush(), () => {
      this.flush = this.armFlush();
      write();
      sync();
    });
  }
}
