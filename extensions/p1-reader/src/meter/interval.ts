const FAST = 1000;
const SLOW = 10_000;
/** Steps that must agree before the interval is believed. */
const AGREE = 3;

/** Learns how often a meter sends: each second (DSMR 5, eMUCS) or each 10 s, from its versions and then from its steps. */
export class Interval {
  private current: number;
  private last = NaN;
  private votes = 0;

  /** `fast` = the version of the first telegram says each second. */
  constructor(fast: boolean) {
    this.current = fast ? FAST : SLOW;
  }

  /** ms. */
  get ms(): number {
    return this.current;
  }

  /** True where the interval changed. `t` is the time of a telegram. */
  step(t: number): boolean {
    const step = t - this.last;
    this.last = t;
    if (!(step > 0)) return false;
    const seen = step <= 3 * FAST ? FAST : SLOW;
    // lost telegrams lengthen a step and never shorten it
    const agree = seen === FAST ? AGREE : 3 * AGREE;
    this.votes = seen === this.current ? 0 : this.votes + 1;
    if (this.votes < agree) return false;
    this.current = seen;
    this.votes = 0;
    return true;
  }
}
