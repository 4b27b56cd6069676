/** Frames after which the number in a frame begins again. */
const CYCLE = 256;
/** Share by which frames may come slower than the rate says, so that two clocks that differ are no loss. */
const RATE_TOLERANCE = 5e-4;
/** Frames by which a line is behind that has lost a cycle, whatever the delays of its last pieces. */
const BEHIND = (3 * CYCLE) / 4;
/** ms for which a line stays behind before frames that wait somewhere are taken for lost. */
const PATIENCE = 1000;
/** ms between two looks at a line that was not closed, after which it was not silent but the clock was set: a silent one is closed. */
const CLOCK_SET = 60_000;

/**
 * Counts on where the 8-bit number of the frames begins again. The number alone tells gaps of up to 255 frames (98 ms at 2,600 Hz) and
 * longer ones but for whole cycles. Where it is known when bytes came, a line that has shown a gap and stays behind for a
 * second has lost as many cycles as it is behind: what only came late catches up.
 */
export class Sequence {
  /** Place of the last frame among all since the first one that came, those that are missing included. */
  index = -1;
  private last = 0;
  /** Where frames would be that come without delay, and the time in ms at which this was so. */
  private front = NaN;
  private at = NaN;
  /** When the line was last not behind, and the least by which it was since. */
  private caughtUp = NaN;
  private leastBehind = 0;
  private suspect = false;
  private reopened = false;

  /** Takes the number of the next frame. Returns how many are missing before it, whole cycles left out. */
  step(number: number): number {
    const missing = (number - this.last - 1) & 0xff;
    this.last = number;
    if (missing === 0) {
      this.index++;
      return 0;
    }
    return this.leap(missing);
  }

  /** The next frame, with this number, is not of the row before: of another meter, or the first one. */
  begin(number: number): void {
    this.last = (number - 1) & 0xff;
    this.front = this.caughtUp = NaN;
    this.suspect = this.reopened = false;
  }

  /** Bytes were lost or damaged, so that a whole cycle may be missing. */
  doubt(): void {
    this.suspect = true;
  }

  /** The line was closed: nothing waits on it that would catch up. */
  reopen(): void {
    this.suspect = this.reopened = true;
  }

  /** Frames up to the last and `further` ones have come by `at` in ms, at a rate in Hz. Returns how many are missing in whole cycles. */
  mark(at: number, rate: number, further: number): number {
    const come = this.index + further;
    if (!this.reopened && at - this.at > CLOCK_SET) this.front = this.caughtUp = NaN;
    const expected = this.front + (rate * (1 - RATE_TOLERANCE) * (at - this.at)) / 1000;
    this.front = expected > come ? expected : come;
    this.at = at;
    const behind = this.front - come;
    if (behind < BEHIND) {
      this.caughtUp = at;
      this.leastBehind = Infinity;
      this.suspect = this.reopened = false;
      return 0;
    }
    this.leastBehind = Math.min(this.leastBehind, behind);
    if (!this.suspect || (!this.reopened && at - this.caughtUp < PATIENCE)) return 0;
    const missing = Math.round((this.reopened ? behind : this.leastBehind) / CYCLE) * CYCLE;
    this.index += missing;
    this.caughtUp = at;
    this.leastBehind = Infinity;
    this.reopened = false;
    return missing;
  }

  private leap(missing: number): number {
    this.suspect = true;
    this.index += missing + 1;
    return missing;
  }
}
