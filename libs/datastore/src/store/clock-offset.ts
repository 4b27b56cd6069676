/** Less is how a clock is disciplined, and not a step, ms. */
const STEP = 2000;

/** Finds out that a wall clock was set: it no longer runs beside the monotonic one. */
export class ClockOffset {
  private offset: number;

  /** `now` in ms UTC, `monotonic` in ms. */
  constructor(now: number, monotonic: number) {
    this.offset = now - monotonic;
  }

  /** By how much the clock was set since the last look, ms; 0 where it was not. */
  look(now: number, monotonic: number): number {
    const step = now - monotonic - this.offset;
    this.offset += step;
    return Math.abs(step) >= STEP ? step : 0;
  }
}
