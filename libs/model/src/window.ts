import type { Aggregate } from './history.js';
import { BAD, GOOD, SUBSTITUTED, UNCERTAIN } from './quality.js';
import type { Zone } from './zone.js';

const DAY = 86_400_000;
/** A window with a smaller part of its expected samples is `uncertain` (contracts §5). */
const ENOUGH = 0.8;

/** Whether windows of `every` ms are local days (or multiples of them) rather than multiples of UTC. */
const isDays = (every: number): boolean => every % DAY === 0;

/**
 * The end of the window that holds `t` (ms UTC): start < t <= end. Windows end at multiples of `every` ms in UTC;
 * multiples of a day end at local midnights of `zone` where one is given, so such a window may last 23 or 25 hours.
 */
export function windowEnd(t: number, every: number, zone?: Zone): number {
  if (zone === undefined || !isDays(every)) return Math.ceil(t / every) * every;
  // an instant at midnight closes the day before it
  const inside = t - 1;
  return zone.utc((Math.floor((inside + zone.offset(inside)) / every) + 1) * every);
}

/** The start (exclusive) of the window that ends at `end`, which must be a window end. */
export function windowStart(end: number, every: number, zone?: Zone): number {
  if (zone === undefined || !isDays(every)) return end - every;
  return zone.utc(Math.floor((end + zone.offset(end)) / every) * every - every);
}

/** Whether a window has so few of the samples it should have had that it is `uncertain`; `expected` undefined: none are known. */
export const isFew = (count: number, expected: number | undefined): boolean =>
  expected !== undefined && count < expected * ENOUGH;

export interface WindowValue {
  /** null where the window gives none. */
  readonly value: number | null;
  /** Quality code. */
  readonly quality: number;
}

/** What was added up before: part of a window, or a whole one of a longer. */
export interface WindowPart {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
  /** Time of the last value, ms UTC. */
  readonly lastT: number;
  readonly uncertain: boolean;
  readonly substituted: boolean;
  /** Whether a value was less than the one before it. */
  readonly fell: boolean;
}

const NOTHING: WindowValue = { value: null, quality: BAD };

/**
 * One window after another of one point. Only good, uncertain and substituted samples enter; others and NaN are
 * passed over. `mean` is the mean of the samples, not weighted by time. `delta` is the last value minus the last
 * value before the window: null without one, null and `uncertain` where the counter fell in between, `uncertain`
 * where the window before was empty (the difference then spans more than its own window).
 */
export class WindowAccumulator {
  /** Samples that entered the window so far. */
  count = 0;
  private sum = 0;
  private min = Infinity;
  private max = -Infinity;
  private last = NaN;
  private lastT = -Infinity;
  private uncertain = false;
  private substituted = false;
  private fell = false;
  /** Last value of an earlier window; NaN = none. */
  private before = NaN;
  private beforeUncertain = false;

  constructor(readonly as: Aggregate) {}

  /** Allocates nothing. Samples may come out of order; `last` is that of the latest t. */
  add(value: number, t: number, quality: number): void {
    if (Number.isNaN(value) || (quality !== GOOD && quality !== UNCERTAIN && quality !== SUBSTITUTED)) return;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (t >= this.lastT) {
      if (value < (this.count === 1 ? this.before : this.last)) this.fell = true;
      this.last = value;
      this.lastT = t;
    }
    if (quality === UNCERTAIN) this.uncertain = true;
    else if (quality === SUBSTITUTED) this.substituted = true;
  }

  /** Adds what stands for samples, all of them in the present window. */
  addPart(part: WindowPart): void {
    if (part.count === 0) return;
    if (part.lastT >= this.lastT) {
      if (part.fell || part.first < (this.count === 0 ? this.before : this.last)) this.fell = true;
      this.last = part.last;
      this.lastT = part.lastT;
    }
    this.count += part.count;
    this.sum += part.sum;
    this.min = Math.min(this.min, part.min);
    this.max = Math.max(this.max, part.max);
    this.uncertain ||= part.uncertain;
    this.substituted ||= part.substituted;
  }

  /** Ends the window and begins the next. `expected` samples, where known, decide whether enough came. */
  close(expected?: number): WindowValue {
    const closed = this.count === 0 ? NOTHING : this.result(expected);
    this.next();
    return closed;
  }

  /** Forgets everything, also the value before the window. */
  reset(): void {
    this.next();
    this.before = NaN;
    this.beforeUncertain = false;
  }

  private result(expected: number | undefined): WindowValue {
    const quality = this.uncertain || isFew(this.count, expected) ? UNCERTAIN : this.substituted ? SUBSTITUTED : GOOD;
    switch (this.as) {
      case 'last':
        return { value: this.last, quality };
      case 'mean':
        return { value: this.sum / this.count, quality };
      case 'min':
        return { value: this.min, quality };
      case 'max':
        return { value: this.max, quality };
      case 'sum':
        return { value: this.sum, quality };
      case 'delta':
        if (Number.isNaN(this.before)) return NOTHING;
        if (this.fell) return { value: null, quality: UNCERTAIN };
        return { value: this.last - this.before, quality: this.beforeUncertain ? UNCERTAIN : quality };
    }
  }

  private next(): void {
    if (this.count > 0) {
      this.before = this.last;
      this.beforeUncertain = this.uncertain;
    } else this.beforeUncertain = true;
    this.count = 0;
    this.sum = 0;
    this.min = Infinity;
    this.max = -Infinity;
    this.last = NaN;
    this.lastT = -Infinity;
    this.uncertain = false;
    this.substituted = false;
    this.fell = false;
  }
}

/** Spacings that count. */
export const SPACINGS = 16;

/**
 * How often a point really speaks: the median of its last spacings, so neither a gap nor a burst moves it. Live windows
 * and history use the same rule for the samples a window should have had. Where no spacing is known yet, one per
 * `maxAge` is expected; a point without max age (0) speaks when it likes and nothing is expected of it.
 */
export class SampleSpacing {
  private readonly ring = new Float64Array(SPACINGS);
  private readonly sorted = new Float64Array(SPACINGS);
  private seen = 0;
  private lastT = NaN;

  constructor(private readonly maxAge: number) {}

  /** Allocates nothing. Times that do not rise are passed over. */
  add(t: number): void {
    if (t <= this.lastT) return;
    if (!Number.isNaN(this.lastT)) this.ring[this.seen++ % SPACINGS] = t - this.lastT;
    this.lastT = t;
  }

  /** Samples expected within `length` ms, or undefined where nothing is known. */
  expected(length: number): number | undefined {
    return this.maxAge <= 0 ? undefined : length / (this.median() ?? this.maxAge);
  }

  /** The spacing the point has now, ms; undefined where none is known. */
  median(): number | undefined {
    const n = Math.min(this.seen, SPACINGS);
    if (n === 0) return undefined;
    const known = this.sorted.subarray(0, n);
    known.set(this.ring.subarray(0, n));
    known.sort();
    return known[n >> 1];
  }
}
