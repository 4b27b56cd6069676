/** Gaps that are looked back on. */
const LOOKS = 16;
/** What comes sooner belongs to what came before it, ms. */
const BURST = 500;
/** No longer interval is learned, ms: an outage is none. */
const LONGEST = 600_000;
/** An interval is told as one of these, ms, so that it seldom changes. */
const STEPS = [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, LONGEST];
/** Intervals after which what was told is stale, and the least such time, ms (contracts §3). */
const PATIENCE = 3;
const LEAST = 10_000;

/** How often a far side tells what is new: as the operator says, else as it is seen to. */
export class Pace {
  private readonly gaps: number[] = [];
  private last: number | undefined;

  constructor(private readonly said?: number) {}

  /** ms. */
  get interval(): number {
    if (this.said !== undefined) return this.said;
    // the longest may be an outage, the second longest is no accident
    const [longest = 0, second = longest] = [...this.gaps].sort((a, b) => b - a);
    return STEPS.find((step) => step >= second * 0.95) ?? LONGEST;
  }

  /** ms without news after which what was told is stale. */
  get maxAge(): number {
    return Math.max(LEAST, PATIENCE * this.interval);
  }

  /** News came at `t`, ms. */
  news(t: number): void {
    const gap = this.last === undefined ? undefined : Math.abs(t - this.last);
    if (gap !== undefined && gap < BURST) return;
    this.last = t;
    if (gap === undefined) return;
    this.gaps.push(gap);
    if (this.gaps.length > LOOKS) this.gaps.shift();
  }
}
