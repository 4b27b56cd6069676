import type { Segment } from '../journal/segment.js';
import { readMeta, writeMeta, type Sqlite } from './database.js';

const COLUMNS = `seq, bytes, samples, min_t AS minT, max_t AS maxT, min_received AS minReceived,
  max_received AS maxReceived`;

/** A segment whose samples are in chunks and whose file is gone. */
export interface SealedSegment extends Segment {
  /** Bytes of its chunks. */
  readonly size: number;
}

/** What is known of closed segments: those that still have their file, and those that are sealed. */
export class SegmentTable {
  constructor(private readonly db: Sqlite) {}

  files(): Segment[] {
    return this.db.prepare<[], Segment>(`SELECT ${COLUMNS} FROM segments WHERE size IS NULL ORDER BY seq`).all();
  }

  sealed(): SealedSegment[] {
    return this.db
      .prepare<[], SealedSegment>(`SELECT ${COLUMNS}, size FROM segments WHERE size IS NOT NULL ORDER BY seq`)
      .all();
  }

  sealedOne(seq: number): SealedSegment | undefined {
    return this.db
      .prepare<[number], SealedSegment>(`SELECT ${COLUMNS}, size FROM segments WHERE seq = ? AND size IS NOT NULL`)
      .get(seq);
  }

  /** The highest sequence number ever given. */
  lastSeq(): number {
    return Number(readMeta(this.db, 'segment') ?? 0);
  }

  keepLastSeq(seq: number): void {
    if (seq > this.lastSeq()) writeMeta(this.db, 'segment', String(seq));
  }

  /** Keeps what is known of a segment that has its file. */
  put(segment: Segment): void {
    this.db
      .prepare(
        `INSERT OR REPLACE INTO segments
         VALUES (@seq, @bytes, @samples, @minT, @maxT, @minReceived, @maxReceived, NULL, NULL)`,
      )
      .run(segment);
    this.keepLastSeq(segment.seq);
  }

  /** The switch from file to chunks. */
  seal(segment: SealedSegment, blocks: Buffer): void {
    this.db
      .prepare(
        `INSERT OR REPLACE INTO segments
         VALUES (@seq, @bytes, @samples, @minT, @maxT, @minReceived, @maxReceived, @size, @blocks)`,
      )
      .run({ ...segment, blocks });
    this.keepLastSeq(segment.seq);
  }

  /** Notes what is left of a sealed segment. */
  resize({ seq, samples, size }: SealedSegment): void {
    this.db.prepare('UPDATE segments SET samples = ?, size = ? WHERE seq = ?').run(samples, size, seq);
  }

  /** Bytes of the block table of a sealed segment. */
  blocks(seq: number): Buffer | undefined {
    const row = this.db
      .prepare<[number], { blocks: Buffer | null }>('SELECT blocks FROM segments WHERE seq = ?')
      .get(seq);
    return row?.blocks ?? undefined;
  }

  remove(seq: number): void {
    this.db.prepare('DELETE FROM segments WHERE seq = ?').run(seq);
  }
}
