import type { HalfCycleLevels } from './half-cycle-levels.js';
import type { Setting } from './options.js';

/** What came of a rapid voltage change, positions in samples. */
export interface RapidChangeSpan {
  readonly start: number;
  readonly end: number;
  /** V farthest from the steady value before. */
  readonly extreme: number;
  /** Shares of the declared voltage. */
  readonly largest: number;
  readonly steady: number;
  readonly phases: readonly number[];
  /** Samples were lost within it or beside it. */
  readonly isFlagged: boolean;
}

/** Half cycles before it in which a loss would be beside it. */
const BEFORE = 4;

/** The last second of Urms(1/2) of one phase. */
class Second {
  mean = NaN;
  private readonly values: Float64Array;
  private count = 0;
  private sum = NaN;

  /** `limit` in V is how far from the mean a steady value may be. */
  constructor(
    length: number,
    private readonly limit: number,
  ) {
    this.values = new Float64Array(length);
    this.clear();
  }

  /** Takes entry `k`; a number as argument would be a new object each time. */
  push(rms: Float64Array, k: number): void {
    const value = rms[k]!;
    const at = this.count % this.values.length;
    if (this.isFull) this.sum -= this.values[at]!;
    this.values[at] = value;
    this.sum += value;
    this.count++;
    // sums that only ever change gather what rounding leaves
    if (at === this.values.length - 1) this.addUp();
    this.mean = this.sum / Math.min(this.count, this.values.length);
  }

  get isFull(): boolean {
    return this.count >= this.values.length;
  }

  /** Whether each value is near the mean. */
  get isSteady(): boolean {
    if (!this.isFull) return false;
    for (let k = 0; k < this.values.length; k++) if (Math.abs(this.values[k]! - this.mean) > this.limit) return false;
    return true;
  }

  clear(): void {
    this.count = 0;
    this.sum = 0;
  }

  private addUp(): void {
    let sum = 0;
    for (let k = 0; k < this.values.length; k++) sum += this.values[k]!;
    this.sum = sum;
  }
}

/**
 * Rapid voltage changes (IEC 61000-4-30 §5.11): the voltage is steady while each Urms(1/2) of the last second (100 or 120 of them) lies within a
 * threshold of their mean; a change begins when one phase leaves it and ends when all are steady again. One that crosses the
 * threshold of a dip or swell is none.
 */
export class RapidChange {
  private readonly seconds: readonly Second[];
  private readonly before = new Float64Array(3);
  private readonly farthest = new Float64Array(3);
  /** V by which a value leaves the mean. */
  private readonly limit: number;
  private isSteady = false;
  private isSpoilt = false;
  private since = NaN;
  private isFlagged = false;

  constructor(
    private readonly levels: HalfCycleLevels,
    private readonly setting: Setting,
  ) {
    const { phases, nominal, declared, thresholds } = setting;
    this.limit = thresholds.rapidChange * declared;
    this.seconds = Array.from({ length: phases }, () => new Second(2 * nominal, thresholds.rapidChangeEnd * declared));
  }

  restart(): void {
    this.isSteady = false;
    this.since = NaN;
    for (const second of this.seconds) second.clear();
  }

  /** Looks at the last half cycle; gives the change that ended with it. `inEvent`: a dip, swell or interruption goes on. */
  step(inEvent: boolean): RapidChangeSpan | undefined {
    const { levels, seconds } = this;
    // what stands in for lost samples says nothing of the voltage
    if (!levels.isSure) return undefined;
    this.isFlagged ||= levels.isTouched(1);
    if (this.isSteady && this.leaves()) this.begin();
    for (let k = 0; k < seconds.length; k++) {
      const value = levels.rms[k]!;
      seconds[k]!.push(levels.rms, k);
      if (!this.isSteady && Math.abs(value - this.before[k]!) > Math.abs(this.farthest[k]! - this.before[k]!))
        this.farthest[k] = value;
    }
    if (this.isSteady) return undefined;
    this.isSpoilt ||= inEvent;
    if (!this.allWithin()) return undefined;
    this.isSteady = true;
    if (Number.isNaN(this.since) || this.isSpoilt) return undefined;
    return this.span();
  }

  private leaves(): boolean {
    for (let k = 0; k < this.seconds.length; k++)
      if (Math.abs(this.levels.rms[k]! - this.seconds[k]!.mean) > this.limit) return true;
    return false;
  }

  private allWithin(): boolean {
    for (const second of this.seconds) if (!second.isSteady) return false;
    return true;
  }

  private begin(): void {
    this.isSteady = false;
    this.isSpoilt = false;
    this.isFlagged = this.levels.isTouched(BEFORE);
    this.since = this.levels.startOf(this.levels.count - 2);
    for (let k = 0; k < this.seconds.length; k++) this.farthest[k] = this.before[k] = this.seconds[k]!.mean;
  }

  /** It ended a second ago: that second was steady. */
  private span(): RapidChangeSpan {
    const { declared, rate } = this.setting;
    const phases = [...this.seconds.keys()];
    const off = (k: number): number => Math.abs(this.farthest[k]! - this.before[k]!);
    const worst = phases.reduce((most, k) => (off(k) > off(most) ? k : most), 0);
    const end = this.levels.startOf(this.levels.count - 1) - rate;
    return {
      start: this.since,
      end: Math.max(this.since, end),
      extreme: this.farthest[worst]!,
      largest: off(worst) / declared,
      steady: Math.max(...phases.map((k) => Math.abs(this.seconds[k]!.mean - this.before[k]!))) / declared,
      phases: phases.filter((k) => off(k) > this.limit),
      isFlagged: this.isFlagged,
    };
  }
}
