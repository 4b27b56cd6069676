import type { HalfCycle } from './crossings.js';
import { SpanSums } from './span-sums.js';

/** A window of 10 or 12 cycles while it fills (IEC 61000-4-30 §4.4). */
export class BasicWindow {
  readonly sums = new SpanSums();
  /** Positions. */
  start = NaN;
  end = NaN;
  cycles = 0;
  isOpen = false;
  /** An event was there in one of its cycles. */
  isFlagged = false;

  open(start: number): void {
    this.sums.clear();
    this.start = start;
    this.end = start;
    this.cycles = 0;
    this.isOpen = true;
    this.isFlagged = false;
  }

  /** Adds a cycle that ended with a half cycle. */
  add(cycle: SpanSums, { to }: HalfCycle, inEvent: boolean): void {
    this.sums.add(cycle);
    this.end = to;
    this.isFlagged ||= inEvent;
    this.cycles++;
  }
}
