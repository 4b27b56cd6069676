/** Bytes a second that an S1 port may send: 4,200 frames, and as much again for what was held up. */
export const MOST_BYTES = 384 * 1024;
/** Bytes taken at once all the same: what waits after half a minute in which nobody read. */
const BURST = 4 << 20;
/** Most ms of a wait, whatever a clock says that was set, and bytes of debt beyond which none is made. */
const LONGEST = 1000;
const MOST_DEBT = 4 * MOST_BYTES;

/**
 * How fast a line is read. Whoever sends more than an S1 port can is held back, for decoding it would take the core and the memory
 * of the instance, and its values more than the box takes of one.
 */
export class Pace {
  private room = BURST;
  private at = NaN;

  /** So many bytes, or samples that stand for them, were taken at `now`, ms UTC; the ms until more are to be. */
  take(bytes: number, now: number): number {
    const passed = Math.max(0, now - this.at) || 0;
    this.at = now;
    const room = Math.min(BURST, this.room + (passed / 1000) * MOST_BYTES) - bytes;
    this.room = Math.max(-MOST_DEBT, room);
    return Math.min(LONGEST, Math.max(0, Math.ceil((-this.room / MOST_BYTES) * 1000)));
  }

  /** Whether so much was taken that waiting does not mend it: what comes now would be heard long after it came. */
  isFarBehind(now: number): boolean {
    this.take(0, now);
    return this.room < -MOST_BYTES;
  }
}
