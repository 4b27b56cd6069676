const HOUR = 3_600_000;

/** Most events of an hour that are told one by one: what the box keeps of all its devices lasts some days of it. */
const MOST = 1000;
/** The box takes five a second of an instance and 200 at once; some of that is for its alarms. */
const PER_SECOND = 4;
const AT_ONCE = 100;

/** Bounds events by hours that begin with the first one, and by what the box takes at once. */
export class HourLimit {
  private began = -Infinity;
  private count = 0;
  /** That some of this hour are only counted. */
  private isSaid = false;
  private room = AT_ONCE;
  private at = NaN;

  /** Takes one at `now`, ms UTC: how it is to be told; `first` is the first of an hour that is only counted. */
  take(now: number): 'told' | 'first' | 'counted' {
    // either way, as clocks are set
    if (Math.abs(now - this.began) >= HOUR) {
      this.began = now;
      this.count = 0;
      this.isSaid = false;
    }
    const passed = Math.max(0, now - this.at) || 0;
    this.at = now;
    this.room = Math.min(AT_ONCE, this.room + (passed / 1000) * PER_SECOND);
    if (this.count >= MOST || this.room < 1) {
      const isFirst = !this.isSaid;
      this.isSaid = true;
      return isFirst ? 'first' : 'counted';
    }
    this.room--;
    this.count++;
    return 'told';
  }
}
