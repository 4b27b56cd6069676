import type { Clock } from '@smx-edge/model';
import type { Grant } from './role.js';

interface Bucket {
  left: number;
  at: number;
}

/** Requests that one principal may still make under its grants with a `max-rate`: N at once, and N again in each unit. */
export class Allowance {
  private readonly buckets = new WeakMap<Grant, Bucket>();

  constructor(private readonly clock: Clock) {}

  /** Takes a request of one of the grants, each of which alone allows it. Gives 0, or the ms until one does. */
  takeOne(grants: readonly Grant[]): number {
    let least = Infinity;
    for (const grant of grants) {
      const wait = this.wait(grant);
      if (wait === 0) return this.draw(grant);
      least = Math.min(least, wait);
    }
    return grants.length === 0 ? 0 : least;
  }

  /** Takes a request of every grant, all of which it uses. Gives 0, or the ms until all allow it. */
  takeAll(grants: readonly Grant[]): number {
    const wait = Math.max(0, ...grants.map((grant) => this.wait(grant)));
    if (wait === 0) for (const grant of grants) this.draw(grant);
    return wait;
  }

  private wait(grant: Grant): number {
    if (grant.interval === 0) return 0;
    const { left } = this.bucket(grant);
    return left >= 1 ? 0 : Math.ceil((1 - left) * grant.interval);
  }

  private draw(grant: Grant): 0 {
    if (grant.interval > 0) this.bucket(grant).left -= 1;
    return 0;
  }

  private bucket(grant: Grant): Bucket {
    const { interval, burst = 1 } = grant;
    const now = this.clock.monotonic();
    const bucket = this.buckets.get(grant) ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / interval);
    bucket.at = now;
    this.buckets.set(grant, bucket);
    return bucket;
  }
}
