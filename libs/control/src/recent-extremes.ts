import type { Interval } from './interval.js';

/**
 * The lowest and the highest of what was seen for at least `span` and at most twice that, in constant memory. It widens at
 * once and narrows only by more than `slack`, so that noise does not move it.
 */
export class RecentExtremes {
  /** Undefined where nothing was seen. */
  interval: Interval | undefined;
  private before: Interval | undefined;
  private now: Interval | undefined;
  private begun = -Infinity;

  /** `span` in ms of the clock that `see` is given, `slack` in the unit of the values. */
  constructor(private readonly o: { readonly span: number; readonly slack: number }) {}

  /** `at`: monotonic, ms. */
  see(value: number, at: number): void {
    const { span, slack } = this.o;
    const age = at - this.begun;
    if (age >= span) {
      this.before = age < 2 * span ? this.now : undefined;
      this.now = undefined;
      this.begun = at;
    }
    this.now = { min: Math.min(this.now?.min ?? value, value), max: Math.max(this.now?.max ?? value, value) };
    const min = Math.min(this.before?.min ?? value, this.now.min);
    const max = Math.max(this.before?.max ?? value, this.now.max);
    const last = this.interval ?? { min, max };
    this.interval = {
      min: min < last.min || min > last.min + slack ? min : last.min,
      max: max > last.max || max < last.max - slack ? max : last.max,
    };
  }
}
