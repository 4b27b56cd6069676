import type { EventRecord, NewEvent } from '@smx-edge/model';
import type { Sqlite } from './database.js';

/** Oldest events beyond this go. */
const MOST_EVENTS = 100_000;
const PRUNE_EVERY = 256;
const LARGEST_PAGE = 1000;

export interface EventQuery {
  /** Times from … to (both included), ms UTC. */
  readonly from?: number;
  readonly to?: number;
  /** Ids above it. */
  readonly after?: number;
  /** At most so many, 1000 at most and by default. */
  readonly limit?: number;
}

type Row = Omit<NewEvent, 'data'> & { readonly id: number; readonly data: string | null };

const recordOf = ({ data, ...row }: Row): EventRecord => ({
  ...row,
  ...(data === null ? {} : { data: JSON.parse(data) as unknown }),
  files: [],
});

export class EventTable {
  constructor(private readonly db: Sqlite) {}

  add({ t, path, code, severity, state, text, data }: NewEvent): EventRecord {
    const row = { t, path, code, severity, state, text, data: data === undefined ? null : JSON.stringify(data) };
    const id = Number(
      this.db
        .prepare(
          'INSERT INTO events (t, path, code, severity, state, text, data) VALUES (@t, @path, @code, @severity, @state, @text, @data)',
        )
        .run(row).lastInsertRowid,
    );
    if (id % PRUNE_EVERY === 0) this.db.prepare('DELETE FROM events WHERE id <= ?').run(id - MOST_EVENTS);
    return recordOf({ ...row, id });
  }

  /** In order of id. */
  read({ from = -Infinity, to = Infinity, after = 0, limit = LARGEST_PAGE }: EventQuery): EventRecord[] {
    return this.db
      .prepare<[number, number, number, number], Row>(
        'SELECT * FROM events WHERE id > ? AND t >= ? AND t <= ? ORDER BY id LIMIT ?',
      )
      .all(after, from, to, Math.max(0, Math.min(LARGEST_PAGE, limit)))
      .map(recordOf);
  }
}
