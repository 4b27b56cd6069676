const FIRST = 1000;
/** With the 10 s that a try may hang, a link is back within a minute of the repair of its broker. */
const LONGEST = 45_000;

/** Pauses between tries with full jitter: anywhere from nothing to 1 s, then 2 s … 45 s; it never gives up. */
export class Backoff {
  private step = 0;

  /** `random` in [0, 1). */
  constructor(private readonly random: () => number) {}

  /** ms until the next try. */
  next(): number {
    const most = Math.min(LONGEST, FIRST * 2 ** Math.min(10, this.step++));
    return Math.round(this.random() * most);
  }

  /** After a connection that held. */
  reset(): void {
    this.step = 0;
  }
}
