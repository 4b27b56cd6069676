import type { Gap } from '../journal/gap.js';
import type { Sqlite } from './database.js';

const MOST_GAPS = 10_000;

/** What is missing from history, and why. */
export class GapTable {
  constructor(private readonly db: Sqlite) {}

  add(t: number, { why, windows, segment, bytes, samples, from, to }: Gap): void {
    const what = windows === undefined ? why : `${why} ${windows}`;
    const id = Number(
      this.db
        .prepare('INSERT INTO gaps (t, why, segment, bytes, samples, from_t, to_t) VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(t, what, segment ?? null, bytes ?? null, samples ?? null, from ?? null, to ?? null).lastInsertRowid,
    );
    this.db.prepare('DELETE FROM gaps WHERE id <= ?').run(id - MOST_GAPS);
  }
}
