import { isSmxError, type Log } from '@smx-edge/model';
import type { Device } from '../device.js';
import { isOfObject, UnreadableRow } from './faults.js';
import { Slice } from './slice.js';

/** After the end of an interval the meter has this long to write its row, ms. */
const GRACE = 20_000;
/** Periods for which a row that is not there may be late, and how long to wait before it is asked for again, ms. */
const LATE = 2;
const AGAIN = 30_000;
/** A profile that cannot be read is tried again after this, ms. */
const REST = 900_000;
/** Rows in a row that are passed because they are none of the profile; more than that is no accident. */
const MOST_PASSED = 3;
/** Hexadecimal digits of it that are told. */
const LONGEST = 4096;

/** A row with the end of its interval, ms UTC, first. */
type Row = readonly [end: number, ...rest: unknown[]];

export interface BackFillOptions<Session, R extends Row> {
  /** As the meter names it. */
  readonly name: string;
  /** ms between rows. */
  readonly period: number;
  /** Where rows are kept: a `Profile`, or several that are read as one. */
  readonly profile: { last(): Promise<number | undefined>; append(rows: readonly R[]): Promise<unknown> };
  readonly device: Pick<Device, 'event'>;
  /** Where nothing is kept yet, ms UTC. */
  readonly from: number;
  readonly log: Log;
  now(): number;
  /** Time that went into signing on so far, ms, which no slice is to be judged by. Default none. */
  signedOn?(): number;
  /**
   * Rows that end behind `from` and up to `to`, ms UTC; others may be among them. Rejects with a code of `isOfObject` where the
   * fault is of this profile alone, as an `UnreadableRow` where what came is none of it.
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
  private passed = 0;

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
    const { period, now, signedOn = () => 0 } = this.o;
    const to = from + rows * period;
    const began = now() - signedOn();
    const fetched = await this.understood(session, { from, to, rows });
    // only now: a slice that is not understood is to become smaller
    this.slice.took(now() - signedOn() - began, rows);
    if (fetched === undefined) return;
    const found = fetched.filter(([end]) => end > from && end <= to);
    found.sort(([a], [b]) => a - b);
    const last = found.at(-1)?.[0];
    const read = (): void => this.reach({ from, last: last ?? from, to });
    if (found.length === 0) read();
    else this.keeping = this.keep(found).then(read);
    // who asks next hears of it
    this.keeping?.catch(() => undefined);
  }

  /** Undefined where the one row that was asked for is none of the profile: its bytes are told, and it is passed. */
  private async understood(
    session: Session,
    { from, to, rows }: { readonly from: number; readonly to: number; readonly rows: number },
  ): Promise<readonly R[] | undefined> {
    try {
      const found = await this.o.fetch(session, from, to);
      if (found.length > 0) this.passed = 0;
      return found;
    } catch (error) {
      if (rows > 1 || !(error instanceof UnreadableRow) || this.passed === MOST_PASSED) throw error;
      this.passed++;
      this.keeping = this.tell(error.bytes, to).then(() => void (this.cursor = to));
      this.keeping.catch(() => undefined);
      return undefined;
    }
  }

  private async tell(bytes: string, t: number): Promise<void> {
    const { device, name } = this.o;
    const isLong = bytes.length > LONGEST;
    await device.event('row-unreadable', {
      severity: 'warning',
      text: `A row of the load profile is not as its columns say, and is left out${isLong ? '; of its bytes the first are here' : ''}`,
      t,
      data: { profile: name, bytes: bytes.slice(0, LONGEST) },
      unique: true,
    });
  }

  /** Rows behind `from` up to `to` were asked for, and the last that came ends at `last`; at `from` where none did. */
  private reach({ from, last, to }: { readonly from: number; readonly last: number; readonly to: number }): void {
    const { period, now } = this.o;
    if (last > from) {
      // an answer may end because it holds no more: only where nothing comes is there nothing
      this.cursor = last;
    } else if (to > now() - LATE * period) {
      // what is not in the meter yet may still come; what is older and not there never will
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
    this.passed = 0;
    this.restsUntil = this.o.now() + REST;
    this.o.log.warn('the load profile cannot be read for now', { profile: this.o.name, error: error.message });
    return true;
  }
}
