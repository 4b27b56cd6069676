/** Before anything is known of a charge point: the interval most of them come with, ms. */
export const FIRST_INTERVAL = 60_000;
/** Intervals that are told, so that a second more or less changes nothing, ms. */
const STEPS = [5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);
const MEMORY = 3;
/** A gap may be longer than its interval by so much. */
const SLACK = 1.25;

/** How often a charge point measures, from when its values came: the longest of the last gaps. */
export class Rhythm {
  private last: number | undefined;
  private gaps: number[] = [];

  /** ms. */
  get interval(): number {
    if (this.gaps.length < MEMORY) return FIRST_INTERVAL;
    const longest = Math.max(...this.gaps) / SLACK;
    return STEPS.find((step) => step >= longest) ?? STEPS.at(-1)!;
  }

  beat(now: number): void {
    if (this.last !== undefined && now > this.last) this.gaps = [...this.gaps, now - this.last].slice(-MEMORY);
    this.last = now;
  }

  /** What comes next is the first of a new row. */
  pause(): void {
    this.last = undefined;
  }
}
