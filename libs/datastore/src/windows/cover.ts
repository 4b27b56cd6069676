import type { SpanRow, WindowTable } from '../database/window-table.js';
import type { Segment } from '../journal/segment.js';
import { QUARTER, spanOf, type Resolution } from './resolution.js';
import { SpanReader } from './window-span.js';

/** Rows read at a time. */
const PAGE = 64;
/** What samples must run ahead of a window so that its quality comes out as from all of them. */
export const WARM_UP = 9 * QUARTER;

interface CoveredSpan extends SpanRow {
  /** Windows that end later are taken from the samples. */
  readonly until: number;
}

/** The spans of a point of which the windows are taken as they are kept, and not from samples. */
export class Cover {
  /** What the windows are. */
  readonly of: Resolution;
  private readonly spans: ReadonlyMap<number, CoveredSpan>;

  /** `rows` are those that may be used, in order; `to`: no window is asked for that ends later. */
  constructor(
    private readonly table: WindowTable,
    private readonly handle: number,
    { rows, to }: { readonly rows: readonly SpanRow[]; readonly to: number },
  ) {
    this.of = table.of;
    const used = new Set(rows.map(({ span }) => span));
    this.spans = new Map(
      rows.map((row) => {
        const end = (row.span + 1) * this.of.span;
        const goesOn = row.thinned || used.has(row.span + 1) || to <= end;
        return [row.span, { ...row, until: goesOn ? end : end - WARM_UP }];
      }),
    );
  }

  /** Whether a sample of segment `seq` with source time `t` is in a window that is taken as it is kept. */
  has(seq: number, t: number): boolean {
    const span = this.spans.get(spanOf(t, this.of));
    return span !== undefined && seq <= span.upto && t <= span.until;
  }

  /** Whether that holds for every sample of a segment. */
  holds({ seq, minT, maxT }: Segment): boolean {
    if (!this.has(seq, maxT)) return false;
    const last = spanOf(maxT, this.of);
    for (let span = spanOf(minT, this.of); span < last; span++)
      if (!this.has(seq, (span + 1) * this.of.span)) return false;
    return true;
  }

  /** The windows, span by span; each takes the place of the one before. */
  *windows(): Generator<SpanReader> {
    const reader = new SpanReader(this.of);
    const all = [...this.spans.keys()];
    const last = all.at(-1);
    for (let from = all[0]; from !== undefined && last !== undefined && from <= last;) {
      const page = this.table.data(this.handle, { from, to: last, limit: PAGE });
      for (const { span, data } of page) {
        if (this.spans.has(span) && reader.open(data, { handle: this.handle, span })) yield reader;
      }
      from = page.length < PAGE ? undefined : page.at(-1)!.span + 1;
    }
  }

  /** Until when the windows of a span are taken. */
  until(span: number): number {
    return this.spans.get(span)?.until ?? -Infinity;
  }
}
