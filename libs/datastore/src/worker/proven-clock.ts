import { ClockOffset } from '../store/clock-offset.js';

/** How long a clock must run as it does before anything goes for its age, ms: one far ahead is often set back. */
const PROVEN = 3_600_000;

/** Whether ages may go by the wall clock: it was not set for a while. */
export class ProvenClock {
  private offset: ClockOffset | undefined;
  private since = 0;
  private last = 0;

  /** To be told of every time that is gone by: `now` in ms UTC, `monotonic` in ms. */
  look(now: number, monotonic: number): void {
    this.last = monotonic;
    if (this.offset === undefined) {
      this.offset = new ClockOffset(now, monotonic);
      this.since = monotonic;
    } else if (this.offset.look(now, monotonic) !== 0) this.since = monotonic;
  }

  get isProven(): boolean {
    return this.last - this.since >= PROVEN;
  }
}
