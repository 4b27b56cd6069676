import type { Archive } from '../chunk/archive.js';
import { readMeta, writeMeta } from '../database/database.js';
import type { Segment } from '../journal/segment.js';
import { lastEmptyDay } from './empty-days.js';
import { DAY, QUARTERS, spanOf } from './resolution.js';
import type { NewSpan, WindowShelf } from './window-shelf.js';

const HOUR = 3_600_000;

export interface DayMakerOptions {
  readonly archive: Archive;
  /** Segments that are not sealed. */
  readonly files: readonly Segment[];
  /** Where the windows of days are. */
  readonly shelf: WindowShelf;
}

/** Makes the 15-minute windows of a day once it is over, from its samples, so that long queries need not read these. */
export class DayMaker {
  constructor(private readonly options: DayMakerOptions) {}

  /** Makes the windows of the oldest day that is over and has none yet; undefined where there is none. */
  due(now: number): Generator<undefined, void> | undefined {
    const day = this.next();
    if (day === undefined || now < (day + 1) * DAY + HOUR) return undefined;
    for (const { minT } of this.options.files) if (minT <= (day + 1) * DAY) return undefined;
    return this.make(day, now);
  }

  private next(): number | undefined {
    const made = Number(readMeta(this.options.archive.db, 'day') ?? -Infinity);
    let next: number | undefined;
    for (const { minT, maxT } of this.options.archive.segments) {
      const day = Math.max(spanOf(minT, QUARTERS), made + 1);
      if (Number.isFinite(day) && day <= spanOf(maxT, QUARTERS) && !(day >= next!)) next = day;
    }
    return next;
  }

  private *make(day: number, now: number): Generator<undefined, void> {
    const { archive, shelf } = this.options;
    const touching = archive.segments.filter(({ minT, maxT }) => minT <= (day + 1) * DAY && maxT > day * DAY);
    const handles = new Set(touching.flatMap(({ seq }) => archive.handles(seq)));
    const days: NewSpan[] = [];
    const upto = shelf.lastSealed;
    for (const handle of handles) {
      if (shelf.table.row(handle, day) !== undefined) continue;
      const windows = yield* shelf.build(handle, day);
      if (windows.length > 0) days.push(shelf.newSpan(handle, windows, { span: day, upto, thinned: false }));
      yield undefined;
    }
    const over = spanOf(now - HOUR, QUARTERS) - 1;
    const made = days.length > 0 ? day : Math.max(day, Math.min(yield* lastEmptyDay(day, this.options), over));
    archive.db.transaction(() => {
      // what was thinned while this went on has its windows
      for (const { handle, row, data } of days)
        if (shelf.table.row(handle, day) === undefined) shelf.table.put(handle, row, data);
      writeMeta(archive.db, 'day', String(made));
    })();
  }
}
