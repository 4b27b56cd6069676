const FIRST = 1000;
/** A floor, so that jitter never makes a busy loop of what refuses at once, ms. */
const LEAST = 50;

/** Pauses between tries with full jitter: anywhere up to 1 s, then 2 s, 4 s … `longest`; it never gives up. */
export class Backoff {
  private step = 0;

  /** `longest` in ms; `random` in [0, 1). */
  constructor(
    private readonly longest: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** ms until the next try. */
  next(): number {
    const most = Math.min(this.longest, FIRST * 2 ** this.step);
    if (most < this.longest) this.step++;
    return Math.max(LEAST, Math.round(this.random() * most));
  }

  /** After a try that went well. */
  reset(): void {
    this.step = 0;
  }
}
