import { GOOD, type HistorySource, type LivePoint, type LiveSource, type Zone } from '@smx-edge/model';

/** Points of the box itself are of this instance; what it measures of itself says nothing of its devices. */
const OWN = 'core';

/** A share as percent, in tenths. */
const tenths = (share: number): number => Math.round(share * 1000) / 10;

export interface CredibilityOptions {
  readonly live: Pick<LiveSource, 'points' | 'quality'>;
  /** Of the site: the day begins at its midnight. */
  readonly zone: Zone;
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
  /** Start of what this run counted today, ms UTC. */
  private began = NaN;
  /** Of earlier runs today: how long ago they began, and how much of that was good, ms. */
  private past = { all: 0, good: 0 };
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
    return this.percent(now);
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
    const all = Math.max(0, now - first);
    this.past = { all, good: (Math.min(all, last[0] - first) * last[1]) / 100 };
  }

  /** Weighs runs by their time: how many points an earlier run looked at is not known any more. */
  private percent(now: number): number {
    const { past } = this;
    // a clock that was set back takes nothing away
    const run = this.expected === 0 ? 0 : Math.max(0, now - this.began);
    if (past.all + run === 0) return this.expected === 0 ? NaN : tenths(this.good / this.expected);
    const good = run === 0 ? 0 : (this.good / this.expected) * run;
    return tenths((past.good + good) / (past.all + run));
  }

  private turn(now: number): void {
    const day = this.o.zone.dayStart(now);
    if (day === this.day) return;
    this.day = day;
    this.began = now;
    this.expected = 0;
    this.good = 0;
    this.past = { all: 0, good: 0 };
  }

  private *owing(): Iterable<LivePoint> {
    for (const point of this.o.live.points())
      if (point.definition.maxAge > 0 && point.definition.instance !== OWN) yield point;
  }
}
