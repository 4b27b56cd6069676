import type { Segment } from '../journal/segment.js';
import { readMeta, writeMeta, type Sqlite } from './database.js';

const COLUMNS = `seq, bytes, samples, min_t AS minT, max_t AS maxT, min_received AS minReceived,
  max_received AS maxReceived`;
const NAMES = 'seq, bytes, samples, min_t, max_t, min_received, max_received, size, blocks, points';

/** A segment whose samples are in chunks and whose file is gone. */
export interface SealedSegment extends Segment {
  /** Bytes of its chunks. */
  readonly size: number;
}

/** What belongs to a sealed segment as a whole, as bytes: its block table, and the samples by point. */
export interface SealedParts {
  readonly blocks: Buffer;
  /** Null where an earlier version sealed it. */
  readonly points: Buffer | null;
}

/** What is known of closed segments: those that still have their file, and those that are sealed. */
export class SegmentTable {
  constructor(private readonly db: Sqlite) {}

  files(): Segment[] {
    return this.db
      .prepare<[], Segment>(`SELECT ${COLUMNS} FROM segments WHERE size IS NULL AND sound ORDER BY seq`)
      .all();
  }

  sealed(): SealedSegment[] {
    return this.db
      .prepare<[], SealedSegment>(`SELECT ${COLUMNS}, size FROM segments WHERE size IS NOT NULL AND sound ORDER BY seq`)
      .all();
  }

  sealedOne(seq: number): SealedSegment | undefined {
    return this.db
      .prepare<[number], SealedSegment>(
        `SELECT ${COLUMNS}, size FROM segments WHERE seq = ? AND size IS NOT NULL AND sound`,
      )
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
    this.write(segment, { size: null, blocks: null, points: null });
  }

  /** The switch from file to chunks. */
  seal(segment: SealedSegment, { blocks, points }: SealedParts): void {
    this.write(segment, { size: segment.size, blocks, points });
  }

  /** Notes what is left of a sealed segment. */
  resize({ seq, samples, size }: SealedSegment, points: Buffer | null): void {
    this.db
      .prepare('UPDATE segments SET samples = ?, size = ?, points = ? WHERE seq = ?')
      .run(samples, size, points, seq);
  }

  /** Undefined where the segment is not sealed. */
  parts(seq: number): SealedParts | undefined {
    return this.db
      .prepare<[number], SealedParts>(
        'SELECT blocks, points FROM segments WHERE seq = ? AND size IS NOT NULL AND sound',
      )
      .get(seq);
  }

  remove(seq: number): void {
    this.db.prepare('DELETE FROM segments WHERE seq = ?').run(seq);
  }

  private write(segment: Segment, parts: { size: number | null; blocks: Buffer | null; points: Buffer | null }): void {
    this.db
      .prepare(
        `INSERT OR REPLACE INTO segments (${NAMES})
         VALUES (@seq, @bytes, @samples, @minT, @maxT, @minReceived, @maxReceived, @size, @blocks, @points)`,
      )
      .run({ ...segment, ...parts });
    this.keepLastSeq(segment.seq);
  }
}
