import type { BatchRange } from './lane.js';

/** A set of batch numbers as ranges: in order, and joined where they meet. */
export class BatchRanges {
  private ranges: BatchRange[] = [];

  constructor(ranges: readonly BatchRange[] = []) {
    for (const range of ranges) this.add(range);
  }

  get list(): readonly BatchRange[] {
    return this.ranges;
  }

  has(seq: number): boolean {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranges[middle]![1] < seq) low = middle + 1;
      else high = middle;
    }
    return low < this.ranges.length && this.ranges[low]![0] <= seq;
  }

  /** Adds all from … to, both included. Tells whether any of them is new. */
  add([from, to]: BatchRange): boolean {
    const known = this.ranges.find(([low, high]) => low <= from && to <= high);
    if (known !== undefined || to < from) return false;
    let [low, high] = [from, to];
    const apart = this.ranges.filter(([a, b]) => {
      if (b < from - 1 || a > to + 1) return true;
      low = Math.min(low, a);
      high = Math.max(high, b);
      return false;
    });
    const at = apart.findIndex(([a]) => a > high);
    apart.splice(at < 0 ? apart.length : at, 0, [low, high]);
    this.ranges = apart;
    return true;
  }

  /** The first number from `from` on that is not in it. */
  firstMissing(from: number): number {
    const within = this.ranges.find(([low, high]) => low <= from && from <= high);
    return within === undefined ? from : within[1] + 1;
  }

  /** The last number down from `from` that is not in it. */
  lastMissing(from: number): number {
    const within = this.ranges.find(([low, high]) => low <= from && from <= high);
    return within === undefined ? from : within[0] - 1;
  }

  /** How many of from … to are in it. */
  count(from: number, to: number): number {
    return this.ranges.reduce((sum, [low, high]) => sum + Math.max(0, Math.min(high, to) - Math.max(low, from) + 1), 0);
  }
}
