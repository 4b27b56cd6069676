import type { LaneName, RecordBatch } from '@smx-edge/model';
import type { Sqlite } from './database.js';

const OF = 'principal = @principal AND stream = @stream';

/** Which records the batches of streams hold. Each write is within the caller's transaction. */
export class LaneRecordTable {
  constructor(private readonly db: Sqlite) {}

  /** Batch 0 holds the record behind which a stream began. */
  put(lane: LaneName, { seq, cut, ids }: RecordBatch): void {
    this.db
      .prepare('INSERT OR REPLACE INTO lane_records VALUES (@principal, @stream, @seq, @t, @ids)')
      .run({ ...lane, seq, t: cut, ids: JSON.stringify(ids) });
  }

  read(lane: LaneName, from: number, count: number): RecordBatch[] {
    return this.db
      .prepare<LaneName & { from: number; count: number }, { seq: number; t: number; ids: string }>(
        `SELECT seq, t, ids FROM lane_records WHERE ${OF} AND seq >= @from AND seq < @from + @count ORDER BY seq`,
      )
      .all({ ...lane, from, count })
      .map(({ seq, t, ids }) => ({ seq, cut: t, ids: JSON.parse(ids) as number[] }));
  }

  /** Id of the newest record of a stream's kind; 0 = there is none. */
  newest(stream: string): number {
    const table = stream === 'profile' ? 'profile_rows' : 'events';
    return this.db.prepare<[], { id: number | null }>(`SELECT max(id) AS id FROM ${table}`).get()?.id ?? 0;
  }

  last(lane: LaneName): RecordBatch | undefined {
    const row = this.db
      .prepare<LaneName, { seq: number }>(`SELECT seq FROM lane_records WHERE ${OF} ORDER BY seq DESC LIMIT 1`)
      .get(lane);
    return row === undefined ? undefined : this.read(lane, row.seq, 1)[0];
  }

  /** Lets go of batches before one, of all without it. */
  drop(lane: LaneName, seq = Number.MAX_SAFE_INTEGER): void {
    this.db.prepare(`DELETE FROM lane_records WHERE ${OF} AND seq < @seq`).run({ ...lane, seq });
  }
}
