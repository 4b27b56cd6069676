/** ms by which a time may be off before it is taken anew: the box's clock was set, or the line was away. */
const JUMP = 2000;
/** Share of passed time by which samples are moved later, for a meter slower than it says, and earlier, for bytes that were held up at the start. */
const LATER = 0.002;
const EARLIER = 0.1;

/**
 * When samples were taken. The S1 port has no clock, so this is the box's: a sample is never later than its bytes, and of those that
 * were held up on the way the least delayed ones count.
 */
export class SampleClock {
  private first = NaN;
  private time = NaN;

  /** ms UTC of the sample at place `first`, of `count` that were here by `at`, at a rate in Hz. */
  timeOf({ first, count }: { readonly first: number; readonly count: number }, rate: number, at: number): number {
    const newest = at - (count / rate) * 1000;
    const passed = ((first - this.first) / rate) * 1000;
    const expected = this.time + passed;
    const late = newest - expected;
    const isKnown = passed >= 0 && Math.abs(late) < JUMP;
    this.time = isKnown ? expected + Math.max(-EARLIER * passed, Math.min(late, LATER * passed)) : newest;
    this.first = first;
    return this.time;
  }
}
