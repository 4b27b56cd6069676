import type { Aggregate } from '@smx-edge/model';
import type { Archive } from '../chunk/archive.js';
import { readMeta, writeMeta } from '../database/database.js';
import { QuarterTable, type DayRow } from '../database/quarter-table.js';
import type { SealedSegment } from '../database/segment-table.js';
import { Fresh } from '../history/raw-rows.js';
import { inOrder } from '../history/sample-run.js';
import type { SampleSource } from '../history/sample-source.js';
import type { Segment } from '../journal/segment.js';
import { Cover, WARM_UP } from './cover.js';
import { DAY, dayOf, DayQuarters, encodeDay, QUARTER, type Quarter } from './day-quarters.js';
import { joinQuarters, QuarterBuilder } from './quarter-builder.js';

const HOUR = 3_600_000;
/** A clock that was never set says 1970. */
const FIRST_DAY = -2;
/** Sums stay exact over windows of this many quarters. */
const LONGEST_SUM = 2048 * QUARTER;

export interface QuartersOptions {
  readonly archive: Archive;
  /** Segments that are not sealed. */
  readonly files: readonly Segment[];
  readonly source: SampleSource;
}

interface NewDay {
  readonly handle: number;
  readonly row: DayRow;
  readonly data: Buffer;
}

/**
 * 15-minute windows of points of numbers. A day's are made once it is over, from its samples, so that long queries need
 * not read these; when samples go, the windows stand for them. `upto` of a day says which samples are in its windows: all
 * up to that segment. So each sample counts once, whatever is sealed, thinned or late.
 */
export class Quarters {
  readonly table: QuarterTable;
  private oldestEnd: number | undefined | 'unknown' = 'unknown';

  constructor(private readonly options: QuartersOptions) {
    this.table = new QuarterTable(options.archive.db);
  }

  /** End of the oldest window that stands for samples which are gone. */
  oldest(): number | undefined {
    if (this.oldestEnd === 'unknown') {
      const ends = this.table
        .oldestThinned()
        .map(({ handle, day, data }) => DayQuarters.read(data, { handle, day })?.end);
      this.oldestEnd = ends.reduce((min, end) => (end !== undefined && !(end > min!) ? end : min), undefined);
    }
    return this.oldestEnd;
  }

  /** Which days a query for windows of `every` ms takes from here; the answer is the same as from the samples where these are still there. */
  cover(query: { handle: number; from: number; to: number; every: number; as: Aggregate }): Cover | undefined {
    const { handle, from, to, every, as } = query;
    const sums = as === 'mean' || as === 'sum';
    const exact = ({ steady, whole }: DayRow): boolean =>
      steady && (!sums || every === QUARTER || (whole && every <= LONGEST_SUM));
    const rows = this.table
      .rows(handle, dayOf(from), dayOf(to))
      .filter((row) => row.thinned || (exact(row) && !this.isLate(row)));
    return rows.length === 0 ? undefined : new Cover(this.table, handle, { rows, to });
  }

  /** Makes the windows of the oldest day that is over and has none yet; undefined where there is none. */
  due(now: number): Generator<undefined, void> | undefined {
    const day = this.nextDay();
    if (day === undefined || now < (day + 1) * DAY + HOUR) return undefined;
    for (const { minT } of this.options.files) if (minT <= (day + 1) * DAY) return undefined;
    return this.make(day);
  }

  /** Puts windows in the place of a sealed segment's samples, which go in the same transaction. */
  *thin(segment: SealedSegment): Generator<undefined, void> {
    const { archive } = this.options;
    const days: NewDay[] = [];
    const marked: [handle: number, day: number][] = [];
    for (const handle of archive.handles(segment.seq)) {
      const run = archive.read(segment.seq, handle);
      for (const day of new Set(Array.from(run?.t ?? [], dayOf))) {
        const row = this.table.row(handle, day);
        if (row !== undefined && row.upto >= segment.seq) marked.push([handle, day]);
        else {
          const quarters = row?.thinned === true ? this.merged(handle, day, segment) : yield* this.build(handle, day);
          const upto = row?.thinned === true ? segment.seq : this.lastSealed;
          if (quarters.length > 0) days.push(newDay(handle, quarters, { day, upto, thinned: true }));
        }
      }
      yield undefined;
    }
    archive.drop(segment, () => {
      for (const { handle, row, data } of days) this.table.put(handle, row, data);
      for (const [handle, day] of marked) this.table.setThinned(handle, day);
    });
    this.oldestEnd = 'unknown';
  }

  /** Lets the oldest day go; gives what went. */
  dropOldest(): { day: number; bytes: number } | undefined {
    const day = this.table.oldest();
    if (day === undefined) return undefined;
    this.oldestEnd = 'unknown';
    return { day, bytes: this.options.archive.db.transaction(() => this.table.remove(day))() };
  }

  /** Removes windows of a point that begin before `before`, ms UTC; gives how many. */
  erase(handle: number, before: number): number {
    const last = dayOf(before + QUARTER);
    const { db } = this.options.archive;
    this.oldestEnd = 'unknown';
    return db.transaction(() => {
      let gone = 0;
      for (const row of this.table.rows(handle, FIRST_DAY, last)) {
        const [known] = this.table.data(handle, { from: row.day, to: row.day, limit: 1 });
        const all = known === undefined ? [] : (DayQuarters.read(known.data, { handle, day: row.day })?.all() ?? []);
        const left = all.filter(({ end }) => end - QUARTER >= before);
        gone += all.length - left.length;
        if (left.length === 0) this.table.removeOf(handle, row.day);
        else this.table.put(handle, row, encodeDay({ handle, day: row.day }, left));
      }
      return gone;
    })();
  }

  private get lastSealed(): number {
    return this.options.archive.segments.at(-1)?.seq ?? 0;
  }

  /** Whether samples of the day came in segments after those it was made of. */
  private isLate({ day, upto }: DayRow): boolean {
    const touches = ({ seq, minT, maxT }: Segment): boolean =>
      seq > upto && minT <= (day + 1) * DAY && maxT > day * DAY;
    return this.options.archive.segments.some(touches) || this.options.files.some(touches);
  }

  private nextDay(): number | undefined {
    const made = Number(readMeta(this.options.archive.db, 'day') ?? -Infinity);
    let next: number | undefined;
    for (const { minT, maxT } of this.options.archive.segments) {
      const day = Math.max(dayOf(minT), made + 1);
      if (Number.isFinite(day) && day <= dayOf(maxT) && !(day >= next!)) next = day;
    }
    return next;
  }

  private *make(day: number): Generator<undefined, void> {
    const { archive } = this.options;
    const touching = archive.segments.filter(({ minT, maxT }) => minT <= (day + 1) * DAY && maxT > day * DAY);
    const handles = new Set(touching.flatMap(({ seq }) => archive.handles(seq)));
    const days: NewDay[] = [];
    const upto = this.lastSealed;
    for (const handle of handles) {
      if (this.table.row(handle, day) !== undefined) continue;
      const quarters = yield* this.build(handle, day);
      if (quarters.length > 0) days.push(newDay(handle, quarters, { day, upto, thinned: false }));
      yield undefined;
    }
    archive.db.transaction(() => {
      // what was thinned while this went on has its windows
      for (const { handle, row, data } of days)
        if (this.table.row(handle, day) === undefined) this.table.put(handle, row, data);
      writeMeta(archive.db, 'day', String(day));
    })();
  }

  /** Windows of a day from the sealed samples. */
  private *build(handle: number, day: number): Generator<undefined, Quarter[]> {
    const builder = new QuarterBuilder();
    const fresh = new Fresh();
    const [from, to] = [day * DAY, (day + 1) * DAY];
    for (const run of this.options.source.read({ handle, from: from - WARM_UP, to, upto: this.lastSealed }))
      if (run === undefined) yield undefined;
      else builder.add(fresh.of(run));
    return builder.done().filter(({ end }) => end > from);
  }

  /** Windows of a day that lost samples before, with those of one more segment. */
  private merged(handle: number, day: number, { seq }: SealedSegment): Quarter[] {
    const builder = new QuarterBuilder();
    const run = this.options.archive.read(seq, handle);
    if (run !== undefined) builder.add(new Fresh().of(inOrder(run)));
    const later = builder.done().filter(({ end }) => dayOf(end) === day);
    const [known] = this.table.data(handle, { from: day, to: day, limit: 1 });
    const before = known === undefined ? undefined : DayQuarters.read(known.data, { handle, day });
    return joinQuarters(before?.all() ?? [], later);
  }
}

function newDay(handle: number, quarters: readonly Quarter[], row: Omit<DayRow, 'steady' | 'whole'>): NewDay {
  const steady = quarters.every((quarter) => quarter.steady);
  const whole = quarters.every((quarter) => quarter.whole);
  return { handle, row: { ...row, steady, whole }, data: encodeDay({ handle, day: row.day }, quarters) };
}
