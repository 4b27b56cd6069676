const MINUTE = 60_000;
/** M-Bus masters read no faster. */
const LEAST = 5 * MINUTE;
/** Longer steps of one length that must follow each other: lost readings lengthen a step too. */
const AGREE = 3;

/** Learns how often a sub-meter is read: 5 minutes (DSMR 5, eMUCS), the hour (up to DSMR 4), or seldom (battery meters). */
export class Cadence {
  private current = 60 * MINUTE;
  private longer = NaN;
  private count = 0;

  /** ms. */
  get ms(): number {
    return this.current;
  }

  /** Takes the time between two readings, ms; true where the cadence changed. */
  step(step: number): boolean {
    if (step <= 0) return false;
    const seen = Math.max(LEAST, step);
    if (seen > this.current) {
      this.count = seen === this.longer ? this.count + 1 : 1;
      this.longer = seen;
      if (this.count < AGREE) return false;
    }
    this.count = 0;
    if (seen === this.current) return false;
    this.current = seen;
    return true;
  }
}
