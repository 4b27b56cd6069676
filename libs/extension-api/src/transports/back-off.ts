const BASE = 1000;
const CAP = 60_000;
/** A floor, so that jitter never makes a busy loop of a device that refuses at once. */
const FLOOR = 50;

/** Pauses between attempts: full jitter over 1 s, 2 s, 4 s … 60 s. */
export class BackOff {
  private attempt = 0;

  constructor(private readonly random: () => number) {}

  /** Ms until the next attempt. */
  next(): number {
    const ceiling = Math.min(CAP, BASE * 2 ** this.attempt);
    if (ceiling < CAP) this.attempt++;
    return Math.max(FLOOR, Math.round(this.random() * ceiling));
  }

  reset(): void {
    this.attempt = 0;
  }
}
