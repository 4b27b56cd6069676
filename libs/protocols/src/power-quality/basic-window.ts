import { SpanSums } from './span-sums.js';

/** Positions. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

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

  open({ start }: Span): void {
    this.sums.clear();
    this.start = start;
    this.end = start;
    this.cycles = 0;
    this.isOpen = true;
    this.isFlagged = false;
  }

  /** Adds the cycle of a span. */
  add(cycle: SpanSums, { end }: Span, inEvent: boolean): void {
    this.sums.add(cycle);
    this.end = end;
    this.isFlagged ||= inEvent;
    this.cycles++;
  }
}
