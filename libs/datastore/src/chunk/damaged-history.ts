import Database from 'better-sqlite3';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { ChunkTable } from '../database/chunk-table.js';
import { HISTORY, readMeta, type Sqlite } from '../database/database.js';
import { QuarterTable, type DayRow } from '../database/quarter-table.js';
import { SegmentTable, type SealedSegment } from '../database/segment-table.js';
import type { ChunkKey } from './chunk.js';

/**
 * A damaged file of history. Whatever is asked of it, the answer is undefined where it cannot be read: its errors never
 * leave here, or they would be taken for those of the present file.
 */
export class DamagedHistory {
  private readonly index: SegmentTable;
  private readonly chunks: ChunkTable;
  private readonly quarters: QuarterTable;

  private constructor(private readonly db: Sqlite) {
    this.index = new SegmentTable(db);
    this.chunks = new ChunkTable(db);
    this.quarters = new QuarterTable(db);
  }

  /** Where its first page is damaged, that of an empty file takes its place: the schema is what this software makes. */
  static open(path: string): DamagedHistory | undefined {
    const opened = where(() => DamagedHistory.read(path));
    if (opened !== undefined) return opened;
    putFirstPage(path);
    return where(() => DamagedHistory.read(path));
  }

  private static read(path: string): DamagedHistory {
    const db = new Database(path, { fileMustExist: true, timeout: 0 });
    try {
      return new DamagedHistory(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** The highest sequence number ever given. */
  lastSeq(): number | undefined {
    const last = where(() => readMeta(this.db, 'segment'));
    return last === undefined ? undefined : Number(last);
  }

  sealed(seq: number): SealedSegment | undefined {
    return where(() => this.index.sealedOne(seq));
  }

  blocks(seq: number): Buffer | undefined {
    return where(() => this.index.blocks(seq));
  }

  chunk(key: ChunkKey): Buffer | undefined {
    return where(() => this.chunks.get(key));
  }

  /** Days of a point that have windows. */
  days(handle: number): readonly DayRow[] {
    return where(() => this.quarters.rows(handle, -1e6, 1e6)) ?? [];
  }

  day(handle: number, day: number): Buffer | undefined {
    return where(() => this.quarters.data(handle, { from: day, to: day, limit: 1 }))?.[0]?.data;
  }

  close(): void {
    this.db.close();
  }
}

function where<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}

/** Where the head of a file says how many pages it has. */
const PAGES_AT = 28;

/** Tables begin at the same pages in every file of a schema. */
function putFirstPage(path: string): void {
  const empty = new Database(':memory:');
  try {
    for (const step of HISTORY.steps) empty.exec(step);
    empty.pragma(`user_version = ${HISTORY.steps.length}`);
    const page = empty.serialize().subarray(0, Number(empty.pragma('page_size', { simple: true })));
    page.writeUInt32BE(Math.floor(statSync(path).size / page.length), PAGES_AT);
    const file = openSync(path, 'r+');
    try {
      writeSync(file, page, 0, page.length, 0);
    } finally {
      closeSync(file);
    }
  } finally {
    empty.close();
  }
}
