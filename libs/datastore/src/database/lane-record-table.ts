import type { LaneName, RecordBatch } from '@smx-edge/model';
import type { Sqlite } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

const OF = 'principal = @principal AND stream = @stream';

/** What stands in a row: the ids, and where records waited when it was cut also up to which one all is settled. */
type Stored = readonly number[] | { readonly ids: readonly number[]; readonly after: number };

interface Row {
  readonly seq: number;
  readonly t: number;
  readonly ids: string;
}

/** A batch, and up to which record it was settled when it was cut whether they are in one. */
export type KeptRecords = RecordBatch & { readonly after: number };

/** Which records the batches of streams hold. Each write is within the caller's transaction. */
export class LaneRecordTable {
  constructor(private readonly db: Sqlite) {}

  /** Batch 0 holds the record behind which a stream began. */
  put(lane: LaneName, { seq, cut, ids, after }: KeptRecords): void {
    const stored: Stored = after === ids.at(-1) ? ids : { ids, after };
    this.db
      .prepare('INSERT OR REPLACE INTO lane_records VALUES (@principal, @stream, @seq, @t, @ids)')
      .run({ ...lane, seq, t: cut, ids: JSON.stringify(stored) });
  }

  read(lane: LaneName, from: number, count: number): KeptRecords[] {
    return this.db
      .prepare<LaneName & { from: number; count: number }, Summed<Row>>(
        `SELECT seq, t, ids, sound FROM lane_records WHERE ${OF} AND seq >= @from AND seq < @from + @count ORDER BY seq`,
      )
      .all({ ...lane, from, count })
      .map((row) => kept(asWritten('lane_records', row)));
  }

  /** Id of the newest record of a stream's kind; 0 = there is none. */
  newest(stream: string): number {
    const table = stream === 'profile' ? 'profile_rows' : 'events';
    return this.db.prepare<[], { id: number | null }>(`SELECT max(id) AS id FROM ${table}`).get()?.id ?? 0;
  }

  last(lane: LaneName): KeptRecords | undefined {
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

function kept({ seq, t, ids: text }: Row): KeptRecords {
  const stored = JSON.parse(text) as Stored;
  const { ids, after } = 'ids' in stored ? stored : { ids: stored, after: stored.at(-1)! };
  return { seq, cut: t, ids, after };
}
