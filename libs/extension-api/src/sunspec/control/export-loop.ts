/** Of the inverter's most: what is left free below the limit, how much more it may give each second, and the least, which does not stop it. */
const [BAND, RAMP, LEAST] = [0.01, 0.05, 0.01];
/** What was written shows in the powers after this, ms: inverters and meters are seconds late. */
const SETTLE = 4000;
/** Between two steps upwards, ms: devices keep each in memory that wears. */
const PAUSE = 5000;

/** Times are monotonic, ms. */
interface Power {
  readonly watts: number;
  readonly at: number;
  /** Until then it holds. */
  readonly until: number;
}

/**
 * How much an inverter may give (W AC, without sign) so that the site exports no more than a limit. What everything else behind the
 * meter takes is what the inverter gives, less what is exported at that moment: that, and the limit, may it give. It is told less at
 * once, and more in steps. Without a reading of the meter that still holds it may give the limit itself, which is safe whatever the
 * house takes.
 */
export class ExportLoop {
  private output: Power | undefined;
  private grid: Power | undefined;
  /** W that everything else takes. */
  private load: number | undefined;
  private ceiling: number | undefined;
  private movedAt = -Infinity;

  /** What the inverter gives now, W: positive = given, negative = drawn, as to charge a battery. */
  gives(output: Power): void {
    this.output = output;
  }

  /** What is drawn from the grid now, W: positive = imported, negative = exported. */
  draws(grid: Power): void {
    this.grid = grid;
    const { output } = this;
    if (output === undefined || output.until < grid.at) this.load = undefined;
    // a step that is under way would look as if the house had changed
    else if (grid.at >= this.movedAt + SETTLE) this.load = output.watts + grid.watts;
  }

  /** The meter gives nothing now. */
  loses(): void {
    this.grid = undefined;
  }

  /** Nobody holds to a limit any more. */
  rest(): void {
    this.ceiling = undefined;
    this.movedAt = -Infinity;
  }

  /** Whether the meter shows what happens at the connection. */
  sees(now: number): boolean {
    const { output, grid, load } = this;
    return load !== undefined && [output, grid].every((power) => power !== undefined && power.until >= now);
  }

  /** W that it may give at `now`; `limit` and `most`, the inverter's own, in W. The same until readings or time say something else. */
  allows(limit: number, most: number, now: number): number {
    const ceiling = this.next(limit, most, now);
    if (ceiling !== this.ceiling) this.movedAt = now;
    this.ceiling = ceiling;
    return ceiling;
  }

  private next(limit: number, most: number, now: number): number {
    if (!this.sees(now)) {
      this.load = undefined;
      return Math.min(limit, most);
    }
    const band = BAND * most;
    const aim = Math.min(most, Math.max(LEAST * most, this.load! + limit - band));
    const ceiling = this.ceiling ?? most;
    if (ceiling > aim + band) return aim;
    // what the meter itself leaves: an inverter that is late shows more of it than there is
    const room = limit - band + this.grid!.watts;
    const isUp = ceiling < aim - band && room > band;
    const rested = now - this.movedAt;
    if (!isUp || rested < PAUSE) return ceiling;
    return Math.min(aim, ceiling + Math.min(room, (RAMP * most * PAUSE) / 1000));
  }
}
