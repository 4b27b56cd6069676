import { readMeta, writeMeta, type Sqlite, type Statement } from './database.js';

/** What is known of a day of one point without reading its windows. */
export interface DayRow {
  readonly day: number;
  /** Samples of segments up to this one are in it. */
  readonly upto: number;
  /** Whether some of those samples are gone: then the windows stand for them. */
  readonly thinned: boolean;
  /** Whether each of its windows is steady, and whether each is whole (see `Quarter`). */
  readonly steady: boolean;
  readonly whole: boolean;
}

interface Stored {
  readonly day: number;
  readonly upto: number;
  readonly thinned: number;
  readonly steady: number;
  readonly whole: number;
}

/** What `sound` holds a row against. */
const SUM = "row_sum('quarters', @handle, @day, @upto, @thinned, @steady, @whole)";
const COLUMNS = 'day, upto, thinned, steady, whole';
const rowOf = ({ day, upto, thinned, steady, whole }: Stored): DayRow => ({
  ...{ day, upto, thinned: thinned === 1, steady: steady === 1, whole: whole === 1 },
});

/** Days of 15-minute windows by point and day. Each write is within the caller's transaction. */
export class QuarterTable {
  private readonly page: Statement<[number, number, number, number], { day: number; data: Buffer }>;

  constructor(private readonly db: Sqlite) {
    this.page = db.prepare(
      'SELECT day, data FROM quarters WHERE handle = ? AND day BETWEEN ? AND ? ORDER BY day LIMIT ?',
    );
  }

  /** Rows of a point from one day to another (included), by day. */
  rows(handle: number, from: number, to: number): DayRow[] {
    return this.db
      .prepare<[number, number, number], Stored>(
        `SELECT ${COLUMNS} FROM quarters WHERE handle = ? AND day BETWEEN ? AND ? AND sound ORDER BY day`,
      )
      .all(handle, from, to)
      .map(rowOf);
  }

  row(handle: number, day: number): DayRow | undefined {
    return this.rows(handle, day, day)[0];
  }

  /** Bytes of days of a point from one to another, at most `limit` of them, by day. */
  data(
    handle: number,
    { from, to, limit }: { from: number; to: number; limit: number },
  ): { day: number; data: Buffer }[] {
    return this.page.all(handle, from, to, limit);
  }

  put(handle: number, { day, upto, thinned, steady, whole }: DayRow, data: Buffer): void {
    const before = this.db
      .prepare<[number, number], { size: number }>(
        'SELECT length(data) AS size FROM quarters WHERE handle = ? AND day = ?',
      )
      .get(handle, day);
    this.db
      .prepare(
        `INSERT OR REPLACE INTO quarters (handle, day, upto, thinned, steady, whole, data, sum)
         VALUES (@handle, @day, @upto, @thinned, @steady, @whole, @data, ${SUM})`,
      )
      .run({ handle, day, upto, thinned: thinned ? 1 : 0, steady: steady ? 1 : 0, whole: whole ? 1 : 0, data });
    this.resize(data.length - (before?.size ?? 0));
  }

  setThinned(handle: number, day: number): void {
    const sum = "row_sum('quarters', handle, day, upto, 1, steady, whole)";
    this.db
      .prepare(`UPDATE quarters SET thinned = 1, sum = ${sum} WHERE handle = ? AND day = ? AND sound`)
      .run(handle, day);
  }

  /** The windows of the oldest day on which samples of any point are gone. */
  oldestThinned(): { handle: number; day: number; data: Buffer }[] {
    return this.db
      .prepare<[], { handle: number; day: number; data: Buffer }>(
        `SELECT handle, day, data FROM quarters
         WHERE thinned = 1 AND day = (SELECT min(day) FROM quarters WHERE thinned = 1)`,
      )
      .all();
  }

  /** The oldest day that any point has. */
  oldest(): number | undefined {
    return this.db.prepare<[], { day: number | null }>('SELECT min(day) AS day FROM quarters').get()?.day ?? undefined;
  }

  /** Removes a day of all points and returns the bytes it had. */
  remove(day: number): number {
    const size =
      this.db
        .prepare<[number], { size: number | null }>('SELECT sum(length(data)) AS size FROM quarters WHERE day = ?')
        .get(day)?.size ?? 0;
    this.db.prepare('DELETE FROM quarters WHERE day = ?').run(day);
    this.resize(-size);
    return size;
  }

  removeOf(handle: number, day: number): void {
    const size =
      this.db
        .prepare<[number, number], { size: number }>(
          'SELECT length(data) AS size FROM quarters WHERE handle = ? AND day = ?',
        )
        .get(handle, day)?.size ?? 0;
    this.db.prepare('DELETE FROM quarters WHERE handle = ? AND day = ?').run(handle, day);
    this.resize(-size);
  }

  /** Bytes of all windows. */
  get size(): number {
    return Number(readMeta(this.db, 'quarters') ?? 0);
  }

  private resize(by: number): void {
    writeMeta(this.db, 'quarters', String(this.size + by));
  }
}
