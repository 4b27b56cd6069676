import type { Resolution } from '../windows/resolution.js';
import { readMeta, writeMeta, type Sqlite, type Statement } from './database.js';

/** What is known of the windows of one point and span without reading them. */
export interface SpanRow {
  /** Number of the span (see `Resolution`). */
  readonly span: number;
  /** Samples of segments up to this one are in it. */
  readonly upto: number;
  /** Whether some of those samples are gone: then the windows stand for them. */
  readonly thinned: boolean;
  /** Whether each of its windows is steady, and whether each is whole (see `KeptWindow`). */
  readonly steady: boolean;
  readonly whole: boolean;
}

interface Stored {
  readonly span: number;
  readonly upto: number;
  readonly thinned: number;
  readonly steady: number;
  readonly whole: number;
}

interface SpanData {
  readonly span: number;
  readonly data: Buffer;
}

const rowOf = ({ span, upto, thinned, steady, whole }: Stored): SpanRow => ({
  ...{ span, upto, thinned: thinned === 1, steady: steady === 1, whole: whole === 1 },
});

/**
 * Rows of a point in a range of spans. Minutes are looked up hour by hour: their index begins with the hour, and holds a
 * year of all points.
 */
function rowsOf({ table, key }: Resolution): string {
  if (table === 'quarters') return `FROM quarters WHERE handle = ? AND day BETWEEN ? AND ?`;
  return `FROM minutes WHERE handle = ? AND ${key} IN (
    WITH RECURSIVE hours (n) AS (
      SELECT max(?, (SELECT min(hour) FROM minutes))
      UNION ALL SELECT n + 1 FROM hours WHERE n < min(?, (SELECT max(hour) FROM minutes)))
    SELECT n FROM hours)`;
}

/** Windows of one length by point and span. Each write is within the caller's transaction. */
export class WindowTable {
  private readonly page: Statement<[number, number, number, number], SpanData>;
  private readonly between: Statement<[number, number, number], Stored>;
  private readonly least: Statement<[], { readonly span: number | null }>;

  constructor(
    private readonly db: Sqlite,
    readonly of: Resolution,
  ) {
    const { table, key } = of;
    const rows = rowsOf(of);
    this.page = db.prepare(`SELECT ${key} AS span, data ${rows} ORDER BY ${key} LIMIT ?`);
    this.between = db.prepare(`SELECT ${key} AS span, upto, thinned, steady, whole ${rows} AND sound ORDER BY ${key}`);
    this.least = db.prepare(`SELECT min(${key}) AS span FROM ${table}`);
  }

  /** Rows of a point from one span to another (included), in order. */
  rows(handle: number, from: number, to: number): SpanRow[] {
    return this.between.all(handle, from, to).map(rowOf);
  }

  row(handle: number, span: number): SpanRow | undefined {
    return this.rows(handle, span, span)[0];
  }

  /** Bytes of spans of a point from one to another, at most `limit` of them, in order. */
  data(handle: number, { from, to, limit }: { from: number; to: number; limit: number }): SpanData[] {
    return this.page.all(handle, from, to, limit);
  }

  put(handle: number, { span, upto, thinned, steady, whole }: SpanRow, data: Buffer): void {
    const { table, key } = this.of;
    const before = this.sizeOf(handle, span);
    // what `sound` holds a row against
    const sum = `row_sum('${table}', @handle, @span, @upto, @thinned, @steady, @whole)`;
    this.db
      .prepare(
        `INSERT OR REPLACE INTO ${table} (handle, ${key}, upto, thinned, steady, whole, data, sum)
         VALUES (@handle, @span, @upto, @thinned, @steady, @whole, @data, ${sum})`,
      )
      .run({ handle, span, upto, thinned: thinned ? 1 : 0, steady: steady ? 1 : 0, whole: whole ? 1 : 0, data });
    this.resize(this.costOf(data) - before);
  }

  setThinned(handle: number, span: number): void {
    const { table, key } = this.of;
    const sum = `row_sum('${table}', handle, ${key}, upto, 1, steady, whole)`;
    this.db
      .prepare(`UPDATE ${table} SET thinned = 1, sum = ${sum} WHERE handle = ? AND ${key} = ? AND sound`)
      .run(handle, span);
  }

  /** The windows of the oldest span in which samples of any point are gone. */
  oldestThinned(): (SpanData & { readonly handle: number })[] {
    const { table, key } = this.of;
    return this.db
      .prepare<[], SpanData & { handle: number }>(
        `SELECT handle, ${key} AS span, data FROM ${table}
         WHERE thinned = 1 AND ${key} = (SELECT min(${key}) FROM ${table} WHERE thinned = 1)`,
      )
      .all();
  }

  /** The oldest span that any point has. */
  oldest(): number | undefined {
    return this.least.get()?.span ?? undefined;
  }

  /** Bytes that windows take, with what their row does. */
  costOf(data: Uint8Array): number {
    return data.length + this.of.rowCost;
  }

  /** Removes spans of all points up to `last` (included) and returns the bytes they had. */
  removeUpTo(last: number): number {
    const { table, key, rowCost } = this.of;
    const size =
      this.db
        .prepare<[number], { size: number | null }>(
          `SELECT sum(length(data) + ${rowCost}) AS size FROM ${table} WHERE ${key} <= ?`,
        )
        .get(last)?.size ?? 0;
    this.db.prepare(`DELETE FROM ${table} WHERE ${key} <= ?`).run(last);
    this.resize(-size);
    return size;
  }

  removeOf(handle: number, span: number): void {
    const { table, key } = this.of;
    const size = this.sizeOf(handle, span);
    this.db.prepare(`DELETE FROM ${table} WHERE handle = ? AND ${key} = ?`).run(handle, span);
    this.resize(-size);
  }

  /** Bytes of all windows. */
  get size(): number {
    return Number(readMeta(this.db, this.of.table) ?? 0);
  }

  private sizeOf(handle: number, span: number): number {
    const { table, key, rowCost } = this.of;
    const row = this.db
      .prepare<[number, number], { size: number }>(
        `SELECT length(data) + ${rowCost} AS size FROM ${table} WHERE handle = ? AND ${key} = ?`,
      )
      .get(handle, span);
    return row?.size ?? 0;
  }

  private resize(by: number): void {
    writeMeta(this.db, this.of.table, String(this.size + by));
  }
}
