const HOUR = 3_600_000;

/** Most events of an hour that are told one by one: what the box keeps of all its devices lasts some days of it. */
const MOST = 1000;

/** Bounds events by hours that begin with the first one. */
export class HourLimit {
  private began = -Infinity;
  private count = 0;

  /** Takes one at `now`, ms UTC: how it is to be told; `last` is the one after which the others of the hour are only counted. */
  take(now: number): 'told' | 'last' | 'counted' {
    // either way, as clocks are set
    if (Math.abs(now - this.began) >= HOUR) {
      this.began = now;
      this.count = 0;
    }
    this.count++;
    if (this.count > MOST) return 'counted';
    return this.count === MOST ? 'last' : 'told';
  }
}
