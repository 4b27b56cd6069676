import type { Gap } from '../journal/gap.js';
import type { Segment } from '../journal/segment.js';
import { readMeta, type Sqlite } from './database.js';

const MOST_GAPS = 10_000;

/** What is known of sealed segments, and of what is missing from them. */
export class SegmentTable {
  constructor(private readonly db: Sqlite) {}

  all(): Segment[] {
    return this.db
      .prepare<[], Segment>(
        `SELECT seq, bytes, samples, min_t AS minT, max_t AS maxT, min_received AS minReceived,
         max_received AS maxReceived FROM segments ORDER BY seq`,
      )
      .all();
  }

  /** The highest sequence number ever given. */
  lastSeq(): number {
    return Number(readMeta(this.db, 'segment') ?? 0);
  }

  put(segment: Segment): void {
    const sql = `INSERT OR REPLACE INTO segments VALUES (@seq, @bytes, @samples, @minT, @maxT, @minReceived, @maxReceived)`;
    this.db.prepare(sql).run(segment);
    this.db
      .prepare("INSERT OR REPLACE INTO meta VALUES ('segment', ?)")
      .run(String(Math.max(segment.seq, this.lastSeq())));
  }

  remove(seq: number): void {
    this.db.prepare('DELETE FROM segments WHERE seq = ?').run(seq);
  }

  addGap(t: number, { why, segment, bytes, samples, from, to }: Gap): void {
    const id = Number(
      this.db
        .prepare('INSERT INTO gaps (t, why, segment, bytes, samples, from_t, to_t) VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(t, why, segment ?? null, bytes ?? null, samples ?? null, from ?? null, to ?? null).lastInsertRowid,
    );
    this.db.prepare('DELETE FROM gaps WHERE id <= ?').run(id - MOST_GAPS);
  }
}
