import type { EventRecord, NewEvent, NewEventFile } from '@smx-edge/model';
import type { Sqlite } from './database.js';
import type { EventFileTable } from './event-file-table.js';
import { asWritten, type Summed } from './row-sum.js';

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

/** The highest id that has gone of age where `last` was the last one given. */
export const lastPruned = (last: number): number => Math.max(0, last - (last % PRUNE_EVERY) - MOST_EVENTS);

type Row = Omit<NewEvent, 'data'> & { readonly id: number; readonly data: string | null };

const recordOf = ({ data, ...row }: Row, files: readonly string[]): EventRecord => ({
  ...row,
  ...(data === null ? {} : { data: JSON.parse(data) as unknown }),
  files,
});

export class EventTable {
  constructor(
    private readonly db: Sqlite,
    private readonly files: EventFileTable,
  ) {}

  /** With its files, or not at all: within the caller's transaction. */
  add(event: NewEvent, files: readonly NewEventFile[] = [], now = event.t): EventRecord {
    return this.db.transaction(() => this.insert(event, files, now))();
  }

  /** As `add`; of a unique event that is kept already its record. */
  addOnce(
    event: NewEvent,
    files: readonly NewEventFile[] | undefined,
    now: number,
  ): { readonly record: EventRecord; readonly isNew: boolean } {
    const known = event.unique === true ? this.like(event) : undefined;
    return known === undefined ? { record: this.add(event, files, now), isNew: true } : { record: known, isNew: false };
  }

  /** In order of id. */
  read({ from = -Infinity, to = Infinity, after = 0, limit = LARGEST_PAGE }: EventQuery): EventRecord[] {
    const rows = this.db
      .prepare<[number, number, number, number], Summed<Row>>(
        'SELECT id, t, path, code, severity, state, text, data, sound FROM events ' +
          'WHERE id > ? AND t >= ? AND t <= ? ORDER BY id LIMIT ?',
      )
      .all(after, from, to, Math.max(0, Math.min(LARGEST_PAGE, limit)));
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return [];
    const names = this.files.names(first.id, last.id);
    return rows.map((row) => recordOf(asWritten('events', row), names.get(row.id) ?? []));
  }

  /** One of the same time, path, code and data. */
  private like({ t, path, code, data }: NewEvent): EventRecord | undefined {
    const row = this.db
      .prepare<[number, string, string, string | null], Summed<Row>>(
        'SELECT id, t, path, code, severity, state, text, data, sound FROM events ' +
          'WHERE t = ? AND path = ? AND code = ? AND data IS ? LIMIT 1',
      )
      .get(t, path, code, data === undefined ? null : JSON.stringify(data));
    return row && recordOf(asWritten('events', row), this.files.names(row.id, row.id).get(row.id) ?? []);
  }

  private insert(
    { t, path, code, severity, state, text, data }: NewEvent,
    files: readonly NewEventFile[],
    now: number,
  ): EventRecord {
    const row = { t, path, code, severity, state, text, data: data === undefined ? null : JSON.stringify(data) };
    const id = Number(
      this.db
        .prepare(
          'INSERT INTO events (t, path, code, severity, state, text, data) VALUES (@t, @path, @code, @severity, @state, @text, @data)',
        )
        .run(row).lastInsertRowid,
    );
    if (files.length > 0) this.files.add(id, { code, files, now });
    if (id % PRUNE_EVERY === 0) {
      this.files.prune(id - MOST_EVENTS, now);
      this.db.prepare('DELETE FROM events WHERE id <= ?').run(id - MOST_EVENTS);
    }
    return recordOf(
      { ...row, id },
      files.map(({ name }) => name),
    );
  }
}
