import { isSmxError, type Log } from '@smx-edge/model';
import { isOfObject } from './faults.js';
import { Slice } from './slice.js';

/** After the end of an interval the meter has this long to write its row, ms. */
const GRACE = 20_000;
/** Periods for which a row that is not there may be late, and how long to wait before it is asked for again, ms. */
const LATE = 2;
const AGAIN = 30_000;
/** A profile that cannot be read is tried again after this, ms. */
const REST = 900_000;

/** A row with the end of its interval, ms UTC, first. */
type Row = readonly [end: number, ...rest: unknown[]];

export interface BackFillOptions<Session, R extends Row> {
  /** As the meter names it. */
  readonly name: string;
  /** ms between rows. */
  readonly period: number;
  /** Where rows are kept: a `Profile`, or several that are read as one. */
  readonly profile: { last(): Promise<number | undefined>; append(rows: readonly R[]): Promise<unknown> };
  /** Where nothing is kept yet, ms UTC. */
  readonly from: number;
  readonly log: Log;
  now(): number;
  /**
   * Rows that end behind `from` and up to `to`, ms UTC; others may be among them. Rejects with a code of `isOfObject` where the
   * fault is of this profile alone.
   */
  fetch(session: Session, from: number, to: number): Promise<readonly R[]>;
}

/**
 * Brings the rows of one load profile over, from the last one kept to the present, some at a time: as many as the time left
 * until the next values are due allows. Knows only what is on disk, so that it goes on after any cut.
 */
export class BackFill<Session, R extends Row = Row> {
  private readonly slice = new Slice();
  /** End of what is known to be kept, or not to be there, ms UTC. */
  private cursor: number | undefined;
  private restsUntil = 0;
  /** Rows on their way to the disk: a meter may not wait for it, as it may take a second. */
  private keeping: Promise<void> | undefined;

  constructor(private readonly o: BackFillOptions<Session, R>) {}

  /** Up to where the rows are here, ms UTC; undefined before the first look. */
  get reached(): number | undefined {
    return this.cursor;
  }

  /** Reads one slice where there is something to read and it fits into `left` ms. Resolves to whether it did. */
  async step(session: Session, left: number): Promise<boolean> {
    const { period, now } = this.o;
    const began = now();
    if (began < this.restsUntil || !(await this.hasKept(left))) return false;
    this.cursor ??= (await this.o.profile.last()) ?? this.o.from;
    const due = Math.floor((now() - GRACE - this.cursor) / period);
    const rows = Math.min(this.slice.rows(left - (now() - began)), due);
    if (rows < 1) return false;
    try {
      await this.read(session, this.cursor, rows);
    } catch (error) {
      if (!this.mends(error, rows)) throw error;
    }
    return true;
  }

  private async read(session: Session, from: number, rows: number): Promise<void> {
    const { period, now, fetch } = this.o;
    const to = from + rows * period;
    const began = now();
    const fetched = await fetch(session, from, to);
    this.slice.took(now() - began, rows);
    const found = fetched.filter(([end]) => end > from && end <= to);
    found.sort(([a], [b]) => a - b);
    const read = (): void => this.reach(found.at(-1)?.[0] ?? from, to);
    if (found.length === 0) read();
    else this.keeping = this.keep(found).then(read);
    // who asks next hears of it
    this.keeping?.catch(() => undefined);
  }

  /** Rows up to `to` were asked for, and the last that came ends at `last`. */
  private reach(last: number, to: number): void {
    const { period, now } = this.o;
    if (last < to && to > now() - LATE * period) {
      // what is not in the meter yet may still come; what is older and not there never will
      this.cursor = last;
      this.restsUntil = now() + AGAIN;
    } else this.cursor = to;
  }

  /** Whether the store has the rows that were read last; waited for no longer than `ms`. Rejects where it took them not. */
  private async hasKept(ms: number): Promise<boolean> {
    const { keeping } = this;
    if (keeping === undefined) return true;
    let late: NodeJS.Timeout | undefined;
    const isLate = new Promise<boolean>((resolve) => (late = setTimeout(() => resolve(false), ms)));
    try {
      const isKept = await Promise.race([keeping.then(() => true), isLate]);
      if (isKept) this.keeping = undefined;
      return isKept;
    } catch (error) {
      this.keeping = undefined;
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  private async keep(rows: readonly R[]): Promise<void> {
    try {
      await this.o.profile.append(rows);
    } catch (error) {
      // what is kept stays; that the meter tells it otherwise now is for people to see
      if (!isSmxError(error) || error.code !== 'SMX_PROFILE_CONFLICT') throw error;
      this.o.log.warn('the meter tells rows otherwise than before', {
        profile: this.o.name,
        error: error.message,
      });
    }
  }

  /** Whether the fault is of this profile alone: it is then asked for less, or left for a while. */
  private mends(error: unknown, rows: number): boolean {
    if (!isOfObject(error)) return false;
    this.slice.failed();
    if (rows > 1) return true;
    this.restsUntil = this.o.now() + REST;
    this.o.log.warn('the load profile cannot be read for now', { profile: this.o.name, error: error.message });
    return true;
  }
}
