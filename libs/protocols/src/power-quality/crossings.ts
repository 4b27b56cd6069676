import { MainsFilter } from './mains-filter.js';
import type { Setting } from './options.js';
import type { SampleStore } from './sample-store.js';

/** Half a cycle of the fundamental: positions of its edges, and whether the next cycle begins at its end. */
export interface HalfCycle {
  readonly from: number;
  readonly to: number;
  readonly isRising: boolean;
}

/** Range of frequencies that class S follows: 50 Hz ± 15 % (IEC 61000-4-30 §5.1.2), likewise at 60 Hz. */
const RANGE = 0.15;
/** Share of the declared voltage below which the reference has no crossings to go by. */
const FAINTEST = 0.03;
/** So many crossings must fail where they were expected before they are sought everywhere. */
const MISSES = 4;
/** Shares of a period on either side in which a crossing is sought: a little more than half of one holds it for certain. */
const NEAR = 0.25;
const ANYWHERE = 0.6;

/**
 * Finds the zero crossings of the fundamental, rising and falling by turns. The filter is evaluated only where a crossing is
 * expected. Where there is none (interruption, jump of phase), the last period is counted on.
 */
export class Crossings implements HalfCycle {
  /** Positions, with their fraction, of the last two crossings: the half cycle between them is the last one. */
  from = NaN;
  to = NaN;
  /** Whether the last crossing was a rising one, which ends a cycle and begins the next. */
  isRising = false;
  /** Whether it and the one a period before were seen, not only expected. */
  isSynced = false;
  /** Samples of a period. */
  period: number;

  private readonly filter: MainsFilter;
  private readonly store: SampleStore;
  private readonly shortest: number;
  private readonly longest: number;
  private readonly steepest: number;
  private misses = MISSES;
  private seenInRow = 0;

  constructor(store: SampleStore, { rate, nominal, declared }: Setting) {
    this.store = store;
    this.filter = new MainsFilter(rate, nominal);
    this.period = rate / nominal;
    this.shortest = this.period / (1 + RANGE);
    this.longest = this.period / (1 - RANGE);
    this.steepest = (2 * Math.PI * FAINTEST * Math.SQRT2 * declared) / this.period;
  }

  /** Oldest position it may still look at. */
  get needed(): number {
    return Math.floor(this.to - this.filter.reach - this.longest);
  }

  /** Begins anew with the samples that come. */
  restart(): void {
    this.from = NaN;
    this.to = NaN;
    this.isRising = false;
    this.isSynced = false;
    this.misses = MISSES;
    this.seenInRow = 0;
  }

  /** Goes to the next crossing; false while the samples for it are not there. */
  next(): boolean {
    const { store, filter } = this;
    const last = Number.isNaN(this.to) ? store.base + 2 * filter.reach : this.to;
    const expected = last + this.period / 2;
    const range = this.period * (this.misses < MISSES ? NEAR : ANYWHERE);
    if (store.end < expected + range + filter.reach + 2) return false;
    const found = this.search(expected - store.base, range);
    const position = found < 0 ? expected : store.base + found;
    this.misses = found < 0 ? this.misses + 1 : 0;
    this.seenInRow = found < 0 ? 0 : this.seenInRow + 1;
    this.isSynced = this.seenInRow > 2;
    const period = position - this.from;
    if (this.isSynced && period > this.shortest && period < this.longest) this.period = period;
    this.from = this.to;
    this.to = position;
    this.isRising = !this.isRising;
    return true;
  }

  /** Index of the crossing nearest to the one expected, with its fraction; negative where none is in range. */
  private search(expected: number, range: number): number {
    const { filter } = this;
    const { reference } = this.store;
    const sign = this.isRising ? -1 : 1;
    let n = Math.floor(expected);
    const first = Math.max(filter.reach, Math.ceil(expected - range));
    const last = Math.floor(expected + range);
    let left = sign * filter.at(reference, n);
    let right = sign * filter.at(reference, n + 1);
    const step = right < 0 ? 1 : -1;
    while (!(left < 0 && right >= 0)) {
      n += step;
      if (n < first || n >= last) return -1;
      if (step > 0) {
        left = right;
        right = sign * filter.at(reference, n + 1);
      } else {
        right = left;
        left = sign * filter.at(reference, n);
      }
    }
    // a fundamental this faint is noise
    return right - left < this.steepest ? -1 : n + left / (left - right);
  }
}
