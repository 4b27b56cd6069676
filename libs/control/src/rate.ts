import { SmxError, type Clock } from '@smx-edge/model';

/** Commands of one principal (contracts §4). */
const PER_SECOND = 1;
const BURST = 10;

/** A bucket per principal: commands per second, and at once. */
export class CommandRate {
  private readonly buckets = new Map<string, { left: number; at: number }>();

  constructor(private readonly clock: Clock) {}

  /** 0 where a command may come now, else whole seconds until one may. */
  take(principal: string): number {
    const now = this.clock.monotonic();
    const bucket = this.buckets.get(principal) ?? { left: BURST, at: now };
    bucket.left = Math.min(BURST, bucket.left + ((now - bucket.at) / 1000) * PER_SECOND);
    bucket.at = now;
    this.buckets.set(principal, bucket);
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / PER_SECOND));
    bucket.left -= 1;
    return 0;
  }
}

/** A party past its rate may try again after so many seconds. */
export class RateError extends SmxError {
  constructor(readonly seconds: number) {
    super('SMX_HTTP_RATE', `too many commands: 1 per second, 10 at once; try again in ${seconds} s`);
  }
}
