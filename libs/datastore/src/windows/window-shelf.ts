import type { Aggregate } from '@smx-edge/model';
import type { Archive } from '../chunk/archive.js';
import type { SealedSegment } from '../database/segment-table.js';
import { WindowTable, type SpanRow } from '../database/window-table.js';
import { Fresh } from '../history/raw-rows.js';
import { inOrder } from '../history/sample-run.js';
import type { SampleSource } from '../history/sample-source.js';
import type { Segment } from '../journal/segment.js';
import { Cover, WARM_UP } from './cover.js';
import type { KeptWindow } from './kept-window.js';
import { spanOf, type Resolution } from './resolution.js';
import { joinWindows, WindowBuilder } from './window-builder.js';
import { encodeSpan, SpanReader } from './window-span.js';

/** A clock that was never set says 1970. */
const FIRST = Date.UTC(1969, 11, 30);
/** Sums stay exact over windows of this many kept ones. */
const LONGEST_SUM = 2048;
const ERASED_AT_ONCE = 100;

export interface WindowShelfOptions {
  readonly archive: Archive;
  /** Segments that are not sealed. */
  readonly files: readonly Segment[];
  readonly source: SampleSource;
}

/** Windows of one point and span that are not in the table yet. */
export interface NewSpan {
  readonly handle: number;
  readonly row: SpanRow;
  readonly data: Buffer;
}

/**
 * Windows of one length of points of numbers. `upto` of a span says which samples are in its windows: all up to that
 * segment. So each sample counts once, whatever is sealed, thinned or late.
 */
export class WindowShelf {
  readonly table: WindowTable;
  private oldestEnd: number | undefined | 'unknown' = 'unknown';

  constructor(
    readonly of: Resolution,
    private readonly options: WindowShelfOptions,
  ) {
    this.table = new WindowTable(options.archive.db, of);
  }

  /** End of the oldest window that stands for samples which are gone. */
  oldest(): number | undefined {
    if (this.oldestEnd === 'unknown') {
      const ends = this.table
        .oldestThinned()
        .map(({ handle, span, data }) => SpanReader.read(data, { of: this.of, handle, span })?.end);
      this.oldestEnd = ends.reduce((min, end) => (end !== undefined && !(end > min!) ? end : min), undefined);
    }
    return this.oldestEnd;
  }

  /** Which spans a query for windows of `every` ms takes from here; the answer is the same as from the samples where these are still there. */
  cover(query: { handle: number; from: number; to: number; every: number; as: Aggregate }): Cover | undefined {
    const { handle, from, to, every, as } = query;
    const sums = as === 'mean' || as === 'sum';
    const exact = ({ steady, whole }: SpanRow): boolean =>
      steady && (!sums || every === this.of.every || (whole && every <= LONGEST_SUM * this.of.every));
    const rows = this.table
      .rows(handle, spanOf(from, this.of), spanOf(to, this.of))
      .filter((row) => row.thinned || (exact(row) && !this.isLate(row)));
    return rows.length === 0 ? undefined : new Cover(this.table, handle, { rows, to });
  }

  /** Works out the windows that stand for a sealed segment's samples; gives what puts them into the table once these go. */
  *thin(segment: SealedSegment): Generator<undefined, () => void> {
    const { archive } = this.options;
    const spans: NewSpan[] = [];
    const marked: [handle: number, span: number][] = [];
    for (const handle of archive.handles(segment.seq)) {
      const run = archive.read(segment.seq, handle);
      for (const span of new Set(Array.from(run?.t ?? [], (t) => spanOf(t, this.of)))) {
        const row = this.table.row(handle, span);
        if (row !== undefined && row.upto >= segment.seq) marked.push([handle, span]);
        else {
          const windows = row?.thinned === true ? this.merged(handle, span, segment) : yield* this.build(handle, span);
          const upto = row?.thinned === true ? segment.seq : this.lastSealed;
          if (windows.length > 0) spans.push(this.newSpan(handle, windows, { span, upto, thinned: true }));
        }
      }
      yield undefined;
    }
    return () => {
      for (const { handle, row, data } of spans) this.table.put(handle, row, data);
      for (const [handle, span] of marked) this.table.setThinned(handle, span);
      this.oldestEnd = 'unknown';
    };
  }

  /** Lets all windows that end up to `end`, ms UTC, go; gives the bytes they had. */
  dropUpTo(end: number): number {
    this.oldestEnd = 'unknown';
    return this.options.archive.db.transaction(() => this.table.removeUpTo(spanOf(end, this.of)))();
  }

  /** Removes windows of a point that begin before `before`, ms UTC, with breaths in between; gives how many. */
  *erase(handle: number, before: number): Generator<undefined, number> {
    const { of, table } = this;
    const rows = table.rows(handle, spanOf(FIRST, of), spanOf(before + of.every, of));
    let gone = 0;
    const work = this.options.archive.db.transaction((some: readonly SpanRow[]) => {
      for (const row of some) gone += this.eraseIn(handle, row, before);
    });
    for (let at = 0; at < rows.length; at += ERASED_AT_ONCE) {
      work(rows.slice(at, at + ERASED_AT_ONCE));
      this.oldestEnd = 'unknown';
      yield undefined;
    }
    return gone;
  }

  private eraseIn(handle: number, row: SpanRow, before: number): number {
    const { of, table } = this;
    const { span } = row;
    const [known] = table.data(handle, { from: span, to: span, limit: 1 });
    const all = known === undefined ? [] : (SpanReader.read(known.data, { of, handle, span })?.all() ?? []);
    const left = all.filter(({ end }) => end - of.every >= before);
    if (left.length === 0) table.removeOf(handle, span);
    else table.put(handle, row, encodeSpan({ of, handle, span }, left));
    return all.length - left.length;
  }

  /** The last segment whose samples `build` has. */
  get lastSealed(): number {
    return this.options.archive.segments.at(-1)?.seq ?? 0;
  }

  /** Windows of a span from the sealed samples. */
  *build(handle: number, span: number): Generator<undefined, KeptWindow[]> {
    const builder = new WindowBuilder(this.of.every);
    const fresh = new Fresh();
    const [from, to] = [span * this.of.span, (span + 1) * this.of.span];
    for (const run of this.options.source.read({ handle, from: from - WARM_UP, to, upto: this.lastSealed }))
      if (run === undefined) yield undefined;
      else builder.add(fresh.of(run));
    return builder.done().filter(({ end }) => end > from);
  }

  newSpan(handle: number, windows: readonly KeptWindow[], row: Omit<SpanRow, 'steady' | 'whole'>): NewSpan {
    const steady = windows.every((window) => window.steady);
    const whole = windows.every((window) => window.whole);
    const data = encodeSpan({ of: this.of, handle, span: row.span }, windows);
    return { handle, row: { ...row, steady, whole }, data };
  }

  /** Whether samples of the span came in segments after those it was made of. */
  private isLate({ span, upto }: SpanRow): boolean {
    const length = this.of.span;
    const touches = ({ seq, minT, maxT }: Segment): boolean =>
      seq > upto && minT <= (span + 1) * length && maxT > span * length;
    return this.options.archive.segments.some(touches) || this.options.files.some(touches);
  }

  /** Windows of a span that lost samples before, with those of one more segment. */
  private merged(handle: number, span: number, { seq }: SealedSegment): KeptWindow[] {
    const { of } = this;
    const builder = new WindowBuilder(of.every);
    const run = this.options.archive.read(seq, handle);
    if (run !== undefined) builder.add(new Fresh().of(inOrder(run)));
    const later = builder.done().filter(({ end }) => spanOf(end, of) === span);
    const [known] = this.table.data(handle, { from: span, to: span, limit: 1 });
    const before = known === undefined ? undefined : SpanReader.read(known.data, { of, handle, span });
    return joinWindows(before?.all() ?? [], later);
  }
}
