import type { DayRow, QuarterTable } from '../database/quarter-table.js';
import type { Segment } from '../journal/segment.js';
import { DAY, dayOf, DayQuarters, QUARTER } from './day-quarters.js';

/** Days read at a time. */
const PAGE = 64;
/** What samples must run ahead of a window so that its quality comes out as from all of them. */
export const WARM_UP = 9 * QUARTER;

interface CoveredDay extends DayRow {
  /** Windows that end later are taken from the samples. */
  readonly until: number;
}

/** The days of a point of which the windows are taken as they are kept, and not from samples. */
export class Cover {
  private readonly days: ReadonlyMap<number, CoveredDay>;

  /** `rows` are those that may be used, by day; `to`: no window is asked for that ends later. */
  constructor(
    private readonly table: QuarterTable,
    private readonly handle: number,
    { rows, to }: { readonly rows: readonly DayRow[]; readonly to: number },
  ) {
    const used = new Set(rows.map(({ day }) => day));
    this.days = new Map(
      rows.map((row) => {
        const end = (row.day + 1) * DAY;
        const goesOn = row.thinned || used.has(row.day + 1) || to <= end;
        return [row.day, { ...row, until: goesOn ? end : end - WARM_UP }];
      }),
    );
  }

  /** Whether a sample of segment `seq` with source time `t` is in a window that is taken as it is kept. */
  has(seq: number, t: number): boolean {
    const day = this.days.get(dayOf(t));
    return day !== undefined && seq <= day.upto && t <= day.until;
  }

  /** Whether that holds for every sample of a segment. */
  holds({ seq, minT, maxT }: Segment): boolean {
    if (!this.has(seq, maxT)) return false;
    for (let day = dayOf(minT); day < dayOf(maxT); day++) if (!this.has(seq, (day + 1) * DAY)) return false;
    return true;
  }

  /** The windows, day by day; each day takes the place of the one before. */
  *quarters(): Generator<DayQuarters> {
    const reader = new DayQuarters();
    const all = [...this.days.keys()];
    const last = all.at(-1);
    for (let from = all[0]; from !== undefined && last !== undefined && from <= last;) {
      const page = this.table.data(this.handle, { from, to: last, limit: PAGE });
      for (const { day, data } of page) {
        if (this.days.has(day) && reader.open(data, { handle: this.handle, day })) yield reader;
      }
      from = page.length < PAGE ? undefined : page.at(-1)!.day + 1;
    }
  }

  /** Until when the windows of a day are taken. */
  until(day: number): number {
    return this.days.get(day)?.until ?? -Infinity;
  }
}
