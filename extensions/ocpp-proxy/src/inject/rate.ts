interface Bucket {
  /** ms of waiting that are saved up: each message costs the same of them. */
  left: number;
  filledAt: number;
}

const MINUTE = 60_000;
/** At once. */
const BURST = 10;
/** Charge points that are remembered. */
const MOST = 1000;

/** How much parties together may send to one charge point: each message takes it time, and limits have to get through. */
export class InjectionRate {
  private readonly buckets = new Map<string, Bucket>();
  private readonly cost: number;
  private readonly most: number;

  constructor(perMinute: number) {
    this.cost = MINUTE / perMinute;
    this.most = Math.min(BURST, perMinute) * this.cost;
  }

  /** When one more may be sent, ms UTC; undefined: now, and it is taken to be sent. */
  take(station: string, now: number): number | undefined {
    const { cost, most } = this;
    const { left, filledAt } = this.buckets.get(station) ?? { left: most, filledAt: now };
    // a clock that was set back fills nothing
    const filled = Math.min(most, left + Math.max(0, now - filledAt));
    this.buckets.delete(station);
    this.buckets.set(station, { left: filled < cost ? filled : filled - cost, filledAt: now });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MOST && oldest !== undefined) this.buckets.delete(oldest);
    return filled < cost ? now + Math.ceil(cost - filled) : undefined;
  }
}
