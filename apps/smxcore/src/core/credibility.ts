import { GOOD, type HistorySource, type LivePoint, type LiveSource, type Zone } from '@smx-edge/model';

/** Points of the box itself are of this instance; what it measures of itself says nothing of its devices. */
const OWN = 'core';

export interface CredibilityOptions {
  readonly live: Pick<LiveSource, 'points' | 'quality'>;
  /** Of the site: the day begins at its midnight. */
  readonly zone: Zone;
  /** ms between two looks. */
  readonly interval: number;
}

/**
 * How much of what points were to tell today came and was good (contracts §3, `box/quality/credible`). Each point with a
 * max age owes a good sample within it at every look; the table's own qualities say whether it came, so that a sample
 * costs nothing. A single sample that is lost within a max age is not seen.
 */
export class Credibility {
  /** Start of the day that is counted, ms UTC. */
  private day = NaN;
  private expected = 0;
  private good = 0;
  /** When a point was looked at first, ms UTC, by handle. */
  private readonly since = new Map<number, number>();

  constructor(private readonly o: CredibilityOptions) {}

  /** Takes one look at `now` (ms UTC). Percent of today, in tenths; NaN where nothing was owed yet. */
  look(now: number): number {
    this.turn(now);
    for (const { handle, definition } of this.owing()) {
      const isGood = this.o.live.quality(handle) === GOOD;
      let since = this.since.get(handle);
      if (since === undefined) this.since.set(handle, (since = now));
      // a point that was declared just now is not late yet
      if (!isGood && now - since < definition.maxAge) continue;
      this.expected++;
      if (isGood) this.good++;
    }
    return this.expected === 0 ? NaN : Math.round((this.good / this.expected) * 1000) / 10;
  }

  /**
   * Goes on with what an earlier run of today left in history under `handle`. In the time since then nothing came, and
   * all of it was owed.
   */
  async resume(history: HistorySource, { handle, now }: { handle: number; now: number }): Promise<void> {
    this.turn(now);
    let first: number | undefined;
    let last: readonly [t: number, percent: number] | undefined;
    for await (const rows of history.history({ handle, from: this.day, to: now }))
      for (const [t, percent] of rows) {
        first ??= t;
        if (typeof percent === 'number') last = [t, percent];
      }
    if (first === undefined || last === undefined) return;
    const looks = [...this.owing()].length / this.o.interval;
    this.expected += (now - first) * looks;
    this.good += ((last[0] - first) * looks * last[1]) / 100;
  }

  private turn(now: number): void {
    const day = this.o.zone.dayStart(now);
    if (day === this.day) return;
    this.day = day;
    this.expected = 0;
    this.good = 0;
  }

  private *owing(): Iterable<LivePoint> {
    for (const point of this.o.live.points())
      if (point.definition.maxAge > 0 && point.definition.instance !== OWN) yield point;
  }
}
