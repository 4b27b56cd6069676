interface Bucket {
  left: number;
  filledAt: number;
}

/** Sources remembered at one time: who was not heard of for longest is forgotten. */
const MOST_SOURCES = 1024;
const MINUTE = 60_000;

/** How often one source may ask for a connection: as many at once as in a minute. */
export class UpgradePace {
  private readonly sources = new Map<string, Bucket>();

  constructor(private readonly perMinute: number) {}

  /** Whether `source` may try now, in ms of a clock that does not step back. */
  admits(source: string, now: number): boolean {
    const bucket = this.sources.get(source) ?? { left: this.perMinute, filledAt: now };
    bucket.left = Math.min(this.perMinute, bucket.left + ((now - bucket.filledAt) * this.perMinute) / MINUTE);
    bucket.filledAt = now;
    this.sources.delete(source);
    this.sources.set(source, bucket);
    if (this.sources.size > MOST_SOURCES) this.sources.delete(this.sources.keys().next().value!);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }
}
