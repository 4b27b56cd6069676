import type { Values } from '@smx-edge/protocols/power-quality';
import { rounded, type Quantity } from './quantity.js';

/** Means of the windows of 10 or 12 cycles that ended in a second. */
export interface SecondMeans {
  /** ms UTC: the end of its last window. */
  readonly end: number;
  /** By path; NaN where no window knew it. */
  readonly means: ReadonlyMap<string, number>;
  /** Share of samples that were lost. */
  readonly lost: number;
  /** Whether cycles were followed throughout. */
  readonly isSynced: boolean;
}

/** Gathers windows to seconds. */
export class SecondGatherer {
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  private windows = 0;
  private lost = 0;
  private isSynced = true;
  private end = NaN;

  constructor(private readonly quantities: readonly Quantity<Values>[]) {
    this.sums = new Float64Array(quantities.length);
    this.counts = new Float64Array(quantities.length);
  }

  /** Takes a window; returns the second before it where the window is the first one that ended in another. */
  add(values: Values): SecondMeans | undefined {
    const done =
      this.windows > 0 && Math.floor(values.end / 1000) !== Math.floor(this.end / 1000) ? this.finish() : undefined;
    const { quantities, sums, counts } = this;
    for (let k = 0; k < quantities.length; k++) {
      const value = quantities[k]!.of(values);
      if (Number.isNaN(value)) continue;
      sums[k]! += quantities[k]!.isMagnitude ? value * value : value;
      counts[k]!++;
    }
    this.windows++;
    this.lost += values.lost;
    this.isSynced &&= values.isSynced;
    this.end = values.end;
    return done;
  }

  private finish(): SecondMeans {
    const means = new Map<string, number>();
    for (const [k, { path, digits, isMagnitude }] of this.quantities.entries()) {
      const mean = this.sums[k]! / this.counts[k]!;
      means.set(path, rounded(isMagnitude ? Math.sqrt(mean) : mean, digits));
    }
    const second = { end: this.end, means, lost: this.lost / this.windows, isSynced: this.isSynced };
    this.sums.fill(0);
    this.counts.fill(0);
    this.windows = this.lost = 0;
    this.isSynced = true;
    return second;
  }
}
