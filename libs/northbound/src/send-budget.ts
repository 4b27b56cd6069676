/**
 * At most `count` sends in any window of `span` ms: the first go at once, there is no fixed gap.
 * Times are monotonic ms.
 */
export class SendBudget {
  private readonly sent: Float64Array;
  private next = 0;

  constructor(
    count: number,
    private readonly span: number,
  ) {
    this.sent = new Float64Array(count).fill(-Infinity);
  }

  /** ms until a send is allowed; 0 = now. */
  wait(now: number): number {
    return Math.max(0, this.sent[this.next]! + this.span - now);
  }

  /** Books a send at `now`. */
  take(now: number): void {
    this.sent[this.next] = now;
    this.next = (this.next + 1) % this.sent.length;
  }
}

/** Tokens that refill at `rate` per second up to `burst`; may go below zero, and then says how long to wait. */
export class TokenBucket {
  private tokens: number;
  private at: number;

  constructor(
    private readonly rate: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes one where there is one. */
  take(now: number): boolean {
    this.refill(now);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Takes `n` whatever there is. */
  spend(n: number, now: number): void {
    this.refill(now);
    this.tokens -= n;
  }

  /** ms until the bucket is no longer empty; 0 = it is not. */
  wait(now: number): number {
    this.refill(now);
    return this.tokens > 0 ? 0 : Math.ceil(((1 - this.tokens) / this.rate) * 1000);
  }

  private refill(now: number): void {
    this.tokens = Math.min(this.burst, this.tokens + (Math.max(0, now - this.at) * this.rate) / 1000);
    this.at = now;
  }
}
