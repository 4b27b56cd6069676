import { BAD, GOOD, isFew, SUBSTITUTED, UNCERTAIN, type Aggregate } from '@smx-edge/model';
import type { SpanReader } from '../windows/window-span.js';
import type { RunBuilder } from './sample-run.js';

/** What rows are made of kept windows. */
interface KeptRows {
  readonly rows: RunBuilder;
  readonly as: Exclude<Aggregate, 'delta'>;
  /** Max age of the point, ms; 0 = speaks when it likes. */
  readonly maxAge: number;
  /** Windows that end earlier give no row. */
  readonly first: number;
  /** Windows that end then or later are left. */
  readonly before: number;
}

const COLUMN_OF = { mean: 'sum', sum: 'sum', min: 'min', max: 'max', last: 'last' } as const;
const UNCERTAIN_BIT = 1;
const SUBSTITUTED_BIT = 2;

/** Kept windows in order, one ahead. */
export class KeptAhead {
  private span: SpanReader | undefined;
  private i = 0;
  private n = 0;
  private last = -Infinity;

  constructor(
    private readonly spans: Iterator<SpanReader> | undefined,
    private readonly until: (span: number) => number,
  ) {}

  /** The next window with `from` < end whose samples are not all behind `t`, undefined where it comes later. */
  next(from: number, t: number): SpanReader | undefined {
    for (;;) {
      if (this.span === undefined || this.i >= this.n) {
        const step = this.spans?.next();
        if (step === undefined || step.done === true) return undefined;
        this.span = step.value;
        this.i = 0;
        this.n = this.span.n;
        this.last = this.until(this.span.span);
        continue;
      }
      const { end, of } = this.span.moveTo(this.i);
      if (end - of.every >= t) return undefined;
      if (end > from && end <= this.last) return this.span;
      this.i++;
    }
  }

  /** Goes behind the window that `next` gave. */
  pass(): void {
    this.i++;
  }

  /**
   * Makes rows of the window that `next` gave, which must end at `end`, and of those that follow it without a hole on
   * its span and end before `before`; gives the end of the window behind them. The same rows as one by one.
   */
  rows({ rows, as, maxAge, first, before }: KeptRows, end: number): number {
    const { span } = this;
    if (span === undefined) return end;
    const ends = span.column('end');
    const flags = span.column('flags');
    const counts = span.column('count');
    const spacings = span.column('spacing');
    const values = span.column(COLUMN_OF[as]);
    const { start } = span;
    const { every } = span.of;
    let next = end;
    let { i } = this;
    do {
      const count = counts[i]!;
      if (next >= first) {
        const expected = maxAge <= 0 ? undefined : every / (spacings[i]! || maxAge);
        const isUncertain = (flags[i]! & UNCERTAIN_BIT) !== 0 || isFew(count, expected);
        const sound = (flags[i]! & SUBSTITUTED_BIT) === 0 ? GOOD : SUBSTITUTED;
        if (count === 0) rows.add(next, null, BAD);
        else rows.add(next, as === 'mean' ? values[i]! / count : values[i]!, isUncertain ? UNCERTAIN : sound);
      }
      next += every;
      i++;
    } while (i < this.n && start + ends[i]! * every === next && next < before && next <= this.last);
    this.i = i;
    return next;
  }
}
