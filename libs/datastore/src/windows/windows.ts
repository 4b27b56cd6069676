import type { Aggregate } from '@smx-edge/model';
import type { SealedSegment } from '../database/segment-table.js';
import type { KeptWindows } from '../history/sample-source.js';
import type { Cover } from './cover.js';
import { DayMaker } from './day-maker.js';
import { DAY, MINUTES, QUARTERS, type Resolution } from './resolution.js';
import { WindowShelf, type WindowShelfOptions } from './window-shelf.js';

/** A day of windows that went. */
export interface DroppedDay {
  readonly windows: Resolution['name'];
  /** Start of the day, ms UTC. */
  readonly from: number;
  readonly bytes: number;
}

/**
 * What is kept of points of numbers in windows. When samples go, windows of a minute and of 15 minutes stand for them;
 * those of a minute go before those of 15. Those of 15 are made of each day that is over, besides.
 */
export class Windows implements KeptWindows {
  readonly minutes: WindowShelf;
  readonly quarters: WindowShelf;
  private readonly days: DayMaker;

  constructor(private readonly options: WindowShelfOptions) {
    this.minutes = new WindowShelf(MINUTES, options);
    this.quarters = new WindowShelf(QUARTERS, options);
    this.days = new DayMaker({ ...options, shelf: this.quarters });
  }

  /** Bytes of all windows. */
  get size(): number {
    return this.minutes.table.size + this.quarters.table.size;
  }

  oldest(every: number): number | undefined {
    return this.shelfFor(every)?.oldest();
  }

  cover(query: { handle: number; from: number; to: number; every: number; as: Aggregate }): Cover | undefined {
    return this.shelfFor(query.every)?.cover(query);
  }

  /** Makes the windows of a day that is over; undefined where none waits. */
  due(now: number): Generator<undefined, void> | undefined {
    return this.days.due(now);
  }

  /** Puts windows in the place of a sealed segment's samples, which go in the same transaction; of a minute where `minutes`. */
  *thin(segment: SealedSegment, { minutes }: { readonly minutes: boolean }): Generator<undefined, void> {
    const put = [...(minutes ? [yield* this.minutes.thin(segment)] : []), yield* this.quarters.thin(segment)];
    this.options.archive.drop(segment, () => {
      for (const rows of put) rows();
    });
  }

  /** Lets the oldest day of windows of a minute go, or of 15 where there are no others; gives what went. */
  dropOldest(): DroppedDay | undefined {
    return this.dropDay(this.minutes) ?? this.dropDay(this.quarters);
  }

  /** Whether the oldest day of these windows was over before `before`, ms UTC. */
  isAged(shelf: WindowShelf, before: number): boolean {
    const day = dayOfOldest(shelf);
    return day !== undefined && day + DAY < before;
  }

  /** Lets the oldest day of these windows go; gives what went. */
  dropDay(shelf: WindowShelf): DroppedDay | undefined {
    const from = dayOfOldest(shelf);
    if (from === undefined) return undefined;
    return { windows: shelf.of.name, from, bytes: shelf.dropUpTo(from + DAY) };
  }

  /** Removes windows of a point that begin before `before`, ms UTC, with breaths in between; gives how many. */
  *erase(handle: number, before: number): Generator<undefined, number> {
    return (yield* this.minutes.erase(handle, before)) + (yield* this.quarters.erase(handle, before));
  }

  /** The longest windows that a query for those of `every` ms can be made of. */
  private shelfFor(every: number): WindowShelf | undefined {
    return [this.quarters, this.minutes].find(({ of }) => every % of.every === 0);
  }
}

/** Start of the day of the oldest windows, ms UTC. */
function dayOfOldest({ of, table }: WindowShelf): number | undefined {
  const span = table.oldest();
  return span === undefined ? undefined : Math.floor((span * of.span) / DAY) * DAY;
}
