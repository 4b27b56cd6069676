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
/** So many crossings in a row must be seen to know where they are; without so many, or so many elsewhere, they are sought anew. */
const TO_LOCK = 4;
const MISSES = 4;
const STRAYS = 200;
/** Shares of a period on either side in which a crossing is sought: a little more than half of one holds it for certain. */
const NEAR = 0.25;
const ANYWHERE = 0.6;
/**
 * Share of a period by which a crossing may be off the one expected. Frequency never changes that fast; a phase that jumps in a
 * dip does, and a cycle that followed it at once would be no whole cycle of anything.
 */
const SLEW = 0.0025;
/** Share by which two periods may differ and be the same. */
const STEADY = 0.005;
/** Share by which a period may change from one half cycle to the next: 10 Hz/s, more than any mains does. */
const DRIFT = 0.002;
/** Periods in a row that a jump of phase bends: the filter sees it for four half cycles, a period spans two more. */
const BENT = 6;

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
  period = NaN;

  private readonly filter: MainsFilter;
  private readonly store: SampleStore;
  private readonly shortest: number;
  private readonly longest: number;
  private readonly steepest: number;
  /** Whether it knows where crossings are: then they are looked for near where they are expected. */
  private isLocked = false;
  private misses = 0;
  /** Crossings in a row that were not where they were expected. */
  private strayed = 0;
  /** Where the next crossing is expected, how far from there it is sought, and where it was found: NaN where it was not. */
  private expected = NaN;
  private range = NaN;
  private found = NaN;
  /** Where the last two crossings were seen, NaN where they were not, and the last period between such. */
  private seenLast = NaN;
  private seenBefore = NaN;
  private seenPeriod = NaN;
  /** Periods in a row that were the same as each other, but not as the one believed. */
  private elsewhere = 0;
  /** Crossings in a row that were where they were expected. */
  private seen = 0;

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
    this.isLocked = false;
    this.misses = 0;
    this.strayed = 0;
    this.seen = 0;
    this.elsewhere = 0;
    this.seenLast = NaN;
    this.seenBefore = NaN;
    this.seenPeriod = NaN;
  }

  /** Goes to the next crossing; false while the samples for it are not there. */
  next(): boolean {
    const { store, filter } = this;
    const last = Number.isNaN(this.to) ? store.base + 2 * filter.reach : this.to;
    this.expected = last + this.period / 2;
    this.range = this.period * (this.isLocked ? NEAR : ANYWHERE);
    if (store.end < this.expected + this.range + filter.reach + 2) return false;
    this.search();
    const isMissed = Number.isNaN(this.found);
    const off = isMissed ? 0 : this.found - this.expected;
    const slew = this.period * (this.isLocked ? SLEW : ANYWHERE);
    this.strayed = isMissed || Math.abs(off) > slew ? this.strayed + 1 : 0;
    this.seen = this.strayed === 0 ? this.seen + 1 : 0;
    this.misses = isMissed ? this.misses + 1 : 0;
    this.followPeriod();
    this.isSynced = this.isLocked && this.seen > 2;
    if (this.seen > TO_LOCK) this.isLocked = true;
    if (this.misses > MISSES || this.strayed > STRAYS) this.isLocked = false;
    this.from = this.to;
    this.to = this.expected + Math.max(-slew, Math.min(slew, off));
    this.isRising = !this.isRising;
    return true;
  }

  /**
   * A period is believed once the one half a cycle before was the same. Where a jump of phase bends them most two are the same as well:
   * while crossings are known, one that is no drift of the last must outlast it.
   */
  private followPeriod(): void {
    const period = this.found - this.seenBefore;
    const isSame = Math.abs(period - this.seenPeriod) < STEADY * period;
    const isDrift = Math.abs(period - this.period) < DRIFT * period;
    this.elsewhere = isSame && !isDrift ? this.elsewhere + 1 : 0;
    const isBelieved = isSame && (isDrift || !this.isLocked || this.elsewhere > BENT);
    if (isBelieved && period > this.shortest && period < this.longest) this.period = period;
    this.seenPeriod = period;
    this.seenBefore = this.seenLast;
    this.seenLast = this.found;
  }

  /** Finds the crossing nearest to the one expected. */
  private search(): void {
    const { filter, range } = this;
    const { reference, base } = this.store;
    const expected = this.expected - base;
    const sign = this.isRising ? -1 : 1;
    let n = Math.floor(expected);
    const first = Math.max(filter.reach, Math.ceil(expected - range));
    const last = Math.floor(expected + range);
    this.found = NaN;
    filter.look(reference, n);
    let left = sign * filter.value;
    filter.look(reference, n + 1);
    let right = sign * filter.value;
    const step = right < 0 ? 1 : -1;
    while (!(left < 0 && right >= 0)) {
      n += step;
      if (n < first || n >= last) return;
      if (step > 0) {
        left = right;
        filter.look(reference, n + 1);
        right = sign * filter.value;
      } else {
        right = left;
        filter.look(reference, n);
        left = sign * filter.value;
      }
    }
    // a fundamental this faint is noise
    if (right - left >= this.steepest) this.found = base + n + left / (left - right);
  }
}
