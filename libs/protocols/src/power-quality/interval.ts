import { AT, ROW, Values } from './values.js';

/** 15 windows (3 s), 10 min, 2 h (IEC 61000-4-30 §4.4). */
export type IntervalKind = '150-cycle' | '10-min' | '2-hour';

/** Values of an interval. */
export class IntervalValues extends Values {
  readonly kind: IntervalKind;
  /** Windows in it; of two hours the intervals of 10 min. */
  parts = 0;
  /** Share of its time that windows cover. */
  covered = 0;
  /** Flicker severity of each voltage: Pst of 10 min, Plt of 2 h (IEC 61000-4-15 §5.7); NaN for intervals of 150 cycles. */
  readonly flicker = new Float64Array(3).fill(NaN);

  constructor(kind: IntervalKind) {
    super();
    this.kind = kind;
  }
}

/**
 * Aggregates values: root of the mean of squares (IEC 61000-4-30 §4.5.1), of powers and frequency the mean. What was not known
 * in a part is left out of the mean.
 */
export class Aggregation {
  readonly values: IntervalValues;
  parts = 0;
  /** Time that parts cover. */
  milliseconds = NaN;

  private readonly sum = new Float64Array(ROW);
  private readonly count = new Float64Array(ROW);
  private start = NaN;
  private cycles = 0;
  private lost = NaN;
  private orders = 0;
  private isFlagged = false;
  private isSynced = true;

  constructor(kind: IntervalKind) {
    this.values = new IntervalValues(kind);
    this.clear();
  }

  /** Takes a part that covers so many ms. */
  add(part: Values, covered = part.end - part.start): void {
    const { sum, count } = this;
    for (let k = 0; k < ROW; k++) {
      const value = part.row[k]!;
      if (value !== value) continue;
      sum[k]! += isSquared(k) ? value * value : value;
      count[k]!++;
    }
    if (this.parts === 0) this.start = part.start;
    this.parts++;
    this.cycles += part.cycles;
    this.milliseconds += covered;
    this.lost += part.lost * covered;
    this.orders = this.parts === 1 ? part.orders : Math.min(this.orders, part.orders);
    this.isFlagged ||= part.isFlagged;
    this.isSynced &&= part.isSynced;
  }

  /** The values of what was added, and begins anew. `length` in ms is what a whole interval lasts. */
  finish(end: number, length: number): IntervalValues {
    const { values, sum, count } = this;
    for (let k = 0; k < ROW; k++) {
      const mean = sum[k]! / count[k]!;
      values.row[k] = isSquared(k) ? Math.sqrt(mean) : mean;
    }
    values.start = this.start;
    values.end = end;
    values.parts = this.parts;
    values.cycles = this.cycles;
    values.covered = Math.min(1, this.milliseconds / length);
    values.lost = this.lost / this.milliseconds;
    values.orders = this.orders;
    values.isFlagged = this.isFlagged;
    values.isSynced = this.isSynced;
    this.clear();
    return values;
  }

  clear(): void {
    this.sum.fill(0);
    this.count.fill(0);
    this.parts = 0;
    this.cycles = 0;
    this.milliseconds = 0;
    this.lost = 0;
    this.isFlagged = false;
    this.isSynced = true;
  }

  /** Something within the interval was lost or belongs to an event that no window shows. */
  flag(): void {
    this.isFlagged = true;
  }
}

/** Powers and frequency have a sign or no square; all else is a magnitude. */
function isSquared(k: number): boolean {
  return k < AT.active || k > AT.frequency;
}
