const MEMORY = 4;
/** Messages of one clock differ by less; those of a queue are as far apart as they were measured, ms. */
const SPREAD = 3000;
/** Less than this is the way of a message, ms. */
const NOISE = 5000;
const MINUTE = 60_000;
/** What a charge point measured longer ago than this is not live any more, ms; or than three of its intervals. */
const OLD = 2 * MINUTE;
const FUTURE = 10_000;

/** How far the clock of a charge point is from that of the box, from the times in what it says. */
export class StationClock {
  private readonly seen: number[] = [];
  /** ms that it is ahead; 0 where it fits, or nothing is known. */
  offset = 0;

  /** `t`, by its clock, stood in a message that came at `now`. */
  saw(t: number, now: number): void {
    if (this.seen.length === MEMORY) this.seen.shift();
    this.seen.push(t - now);
    const latest = Math.max(...this.seen);
    if (this.seen.length < MEMORY || latest - Math.min(...this.seen) > SPREAD) return;
    this.offset = Math.abs(latest) < NOISE ? 0 : latest;
  }

  /** `t` by the clock of the box. */
  here(t: number): number {
    return t - this.offset;
  }

  /** Whether something of `t` is of now, or was kept while the charge point was alone. */
  isLive(t: number, now: number, interval: number): boolean {
    const age = now - this.here(t);
    return age <= Math.max(OLD, 3 * interval) && age >= -FUTURE;
  }

  /** A time for a record: undefined where the charge point cannot have known it. */
  plausible(t: number | undefined, now: number): number | undefined {
    if (t === undefined) return undefined;
    const here = this.here(t);
    return here > now + FUTURE || here < now - 366 * 24 * 60 * MINUTE ? undefined : here;
  }
}
