import type { Clock } from '@smx-edge/model';

/** Requests a bucket holds, in seconds of its rate. */
const BURST = 5;
/** Buckets kept; beyond it the longest unused goes, which is by then full again or an attacker's. */
const MOST = 1000;

interface Bucket {
  left: number;
  at: number;
}

/** Token buckets by key. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {}

  /** 0 where a request may pass now, else the whole seconds until one may. */
  take(key: string): number {
    const now = this.clock.monotonic();
    const most = Math.max(1, this.perSecond * BURST);
    const bucket = this.buckets.get(key) ?? { left: most, at: now };
    bucket.left = Math.min(most, bucket.left + ((now - bucket.at) / 1000) * this.perSecond);
    bucket.at = now;
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > MOST) for (const oldest of this.buckets.keys()) if (this.buckets.delete(oldest)) break;
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / this.perSecond));
    bucket.left -= 1;
    return 0;
  }
}
