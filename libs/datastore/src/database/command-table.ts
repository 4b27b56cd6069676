import type { Statement } from 'better-sqlite3';
import type { CommandChange, CommandQuery, CommandRow, HeldValue, ListedCommandRow, PointValue } from '@smx-edge/model';
import type { Sqlite } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

/** Ids hold for so long (contracts §4), ms. */
const KEPT = 7 * 86_400_000;
/** Past it the oldest of a principal go earlier: a day of one command each second. */
const MOST_PER_PRINCIPAL = 100_000;
const PRUNE_EVERY = 256;
const LARGEST_PAGE = 1000;

interface Stored {
  readonly principal: string;
  readonly id: string;
  readonly point: string;
  readonly over: number;
  readonly received: number;
  readonly record: string;
}

const COLUMNS = 'principal, id, point, over, received, record, sound';

function rowOf(stored: Summed<Stored>): CommandRow {
  const { over, record, ...row } = asWritten('commands', stored);
  return { ...row, over: over === 1, record: JSON.parse(record) as unknown };
}

const storedOf = ({ over, record, ...row }: CommandRow): Stored => ({
  ...row,
  over: over ? 1 : 0,
  record: JSON.stringify(record),
});

/** Commands by principal and id, and the set-points that may not be at their default. */
export class CommandTable {
  private puts = 0;
  // compiled once: a command waits for these on its way to the device
  private readonly putRow: Statement<[Stored]>;
  private readonly putHeld: Statement<[string, string]>;
  private readonly findRow: Statement<[string, string], Summed<Stored>>;

  constructor(private readonly db: Sqlite) {
    this.putRow = db.prepare(
      'INSERT INTO commands (principal, id, point, over, received, record) VALUES (@principal, @id, @point, @over, @received, @record) ' +
        'ON CONFLICT (principal, id) DO UPDATE SET over = excluded.over, record = excluded.record',
    );
    this.putHeld = db.prepare('INSERT OR REPLACE INTO held VALUES (?, ?)');
    this.findRow = db.prepare(`SELECT ${COLUMNS} FROM commands WHERE principal = ? AND id = ?`);
  }

  /** The row that principal and id already have; else the new one is in, and what it puts on its set-point. */
  claim({ row, held }: { row: CommandRow; held: HeldValue | undefined }, now: number): CommandRow | undefined {
    const known = this.find(row.principal, row.id);
    if (known === undefined) this.put({ rows: [row], held: held === undefined ? [] : [held] }, now);
    return known;
  }

  put({ rows, held = [], freed = [] }: CommandChange, now: number): void {
    for (const row of rows) {
      this.putRow.run(storedOf(row));
      if (++this.puts % PRUNE_EVERY === 0) this.prune(row.principal, now);
    }
    for (const { point, value } of held) this.putHeld.run(point, JSON.stringify(value));
    for (const point of freed) this.db.prepare('DELETE FROM held WHERE point = ?').run(point);
  }

  find(principal: string, id: string): CommandRow | undefined {
    const found = this.findRow.get(principal, id);
    return found === undefined ? undefined : rowOf(found);
  }

  /** Newest first. */
  read({ principal, point, before, limit = LARGEST_PAGE }: CommandQuery): ListedCommandRow[] {
    const where = [
      ...(principal === undefined ? [] : ['principal = @principal']),
      ...(point === undefined ? [] : ['point = @point']),
      ...(before === undefined ? [] : ['seq < @before']),
    ];
    const sql = `SELECT seq, ${COLUMNS} FROM commands ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY seq DESC LIMIT @limit`;
    const most = Math.max(0, Math.min(LARGEST_PAGE, limit));
    return this.db
      .prepare<object, Summed<Stored & { readonly seq: number }>>(sql)
      .all({ principal, point, before, limit: most })
      .map(({ seq, ...row }) => ({ seq, ...rowOf(row) }));
  }

  open(): { rows: CommandRow[]; held: HeldValue[] } {
    const rows = this.db
      .prepare<[], Summed<Stored>>(`SELECT ${COLUMNS} FROM commands WHERE over = 0 ORDER BY seq`)
      .all()
      .map(rowOf);
    const held = this.db
      .prepare<[], Summed<{ point: string; value: string }>>('SELECT point, value, sound FROM held')
      .all()
      .map((row) => asWritten('held', row));
    return { rows, held: held.map(({ point, value }) => ({ point, value: JSON.parse(value) as PointValue })) };
  }

  private prune(principal: string, now: number): void {
    this.db.prepare('DELETE FROM commands WHERE over = 1 AND received < ?').run(now - KEPT);
    this.db
      .prepare(
        'DELETE FROM commands WHERE over = 1 AND principal = @principal AND seq <= ' +
          '(SELECT seq FROM commands WHERE principal = @principal ORDER BY seq DESC LIMIT 1 OFFSET @most)',
      )
      .run({ principal, most: MOST_PER_PRINCIPAL });
  }
}
