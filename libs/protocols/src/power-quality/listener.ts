import type { EventBegin, PowerQualityEvent } from './event.js';
import type { IntervalValues } from './interval.js';
import type { Values } from './values.js';

/** Who is told. Values are the same object each time: what is kept is copied. */
export interface PowerQualityListener {
  /** Each cycle, without harmonics. */
  readonly onCycle?: (values: Values) => void;
  /** Each window of 10 or 12 cycles. */
  readonly onWindow?: (values: Values) => void;
  readonly onInterval?: (values: IntervalValues) => void;
  /** Frequency in Hz of the whole cycles within 10 s, whose end is `end` in ms UTC (IEC 61000-4-30 §5.1.1). */
  readonly onFrequency?: (frequency: number, end: number) => void;
  /** As soon as a threshold is crossed. */
  readonly onEventBegin?: (event: EventBegin) => void;
  /** Once it is over. */
  readonly onEvent?: (event: PowerQualityEvent) => void;
  /** What no value made of samples alone shows: it may be nothing but the loss of others. Not told as an event. */
  readonly onDoubt?: (event: PowerQualityEvent) => void;
}
