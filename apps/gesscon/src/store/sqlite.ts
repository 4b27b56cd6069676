import BetterSqlite from 'better-sqlite3';
import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BulkTable, Cell, Database } from './database.js';
import { migrate } from './migrations.js';
import { tables } from './tables.js';

/** Values that go at a time. */
const SLICE = 5000;

/** One file for a single pilot: one process, and every transaction on disk when it ends. */
export class SqliteDatabase implements Database {
  private opened: { readonly db: BetterSqlite.Database; readonly inside: Database } | undefined;
  /** Transactions and statements one after the other: there is one connection. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly file: string) {}

  async open(): Promise<void> {
    let db: BetterSqlite.Database | undefined;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      db = new BetterSqlite(this.file);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      const dialect = { key: 'integer primary key', batchParts: 'without rowid', valueParts: '' };
      db.exec('begin immediate');
      db.exec(tables({ ...dialect, createView: 'create view if not exists' }));
      await migrate(new Inside(db));
      db.exec('commit');
    } catch (error) {
      db?.close();
      const message = `${this.file} cannot be opened (${describeError(error)})`;
      throw new SmxError('SMX_CLOUD_DATABASE', message, { cause: error });
    }
    this.opened = { db, inside: new Inside(db) };
  }

  rows<R extends object>(text: string, params?: readonly unknown[]): Promise<R[]> {
    return this.next(({ inside }) => inside.rows(text, params));
  }

  insert<R extends object>(into: BulkTable, columns: readonly (readonly Cell[])[], tail?: string): Promise<R[]> {
    return this.next(({ inside }) => inside.insert(into, columns, tail));
  }

  atomic<T>(work: (inside: Database) => Promise<T>): Promise<T> {
    return this.next(async ({ db, inside }) => {
      db.exec('begin immediate');
      try {
        const result = await work(inside);
        db.exec('commit');
        return result;
      } catch (error) {
        if (db.inTransaction) db.exec('rollback');
        throw error;
      }
    });
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  /** Rows stand in the order in which they came. */
  async forget(time: number): Promise<boolean> {
    const gone = await this.rows(
      `delete from value where rowid in (select rowid from value order by rowid limit ${SLICE}) and received < $1
       returning point`,
      [time],
    );
    return gone.length === SLICE;
  }

  async close(): Promise<void> {
    await this.turn.catch(() => undefined);
    this.opened?.db.close();
  }

  private next<T>(work: (opened: NonNullable<typeof this.opened>) => Promise<T>): Promise<T> {
    const mine = this.turn
      .catch(() => undefined)
      .then(() => {
        if (this.opened === undefined) throw new SmxError('SMX_CLOUD_DATABASE', `${this.file} is not open yet`);
        return work(this.opened);
      });
    this.turn = mine;
    return mine.catch((error: unknown) => {
      throw isSmxError(error) ? error : new SmxError('SMX_CLOUD_DATABASE', describeError(error), { cause: error });
    });
  }
}

/** The connection itself, for who holds its turn. */
class Inside implements Database {
  private readonly statements = new Map<string, BetterSqlite.Statement>();

  constructor(private readonly db: BetterSqlite.Database) {}

  async rows<R extends object>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    let statement = this.statements.get(text);
    if (statement === undefined) this.statements.set(text, (statement = this.db.prepare(text)));
    const named = Object.fromEntries(params.map((value, i) => [String(i + 1), value]));
    const given = params.length === 0 ? [] : [named];
    if (statement.reader) return statement.all(...given) as R[];
    statement.run(...given);
    return [];
  }

  insert<R extends object>(into: BulkTable, columns: readonly (readonly Cell[])[], tail = ''): Promise<R[]> {
    const names = Object.keys(into.columns);
    const given = names.map((_name, i) => `value->>${i}`);
    const rows = (columns[0] ?? []).map((_value, row) => columns.map((column) => column[row]));
    return this.rows(
      `insert into ${into.name} (${names.join()}) select ${given.join()} from json_each($1) where true ${tail}`,
      [JSON.stringify(rows)],
    );
  }

  atomic<T>(work: (inside: Database) => Promise<T>): Promise<T> {
    return work(this);
  }

  async open(): Promise<void> {}
  async prepare(): Promise<void> {}
  forget(): Promise<boolean> {
    return Promise.resolve(false);
  }
  async close(): Promise<void> {}
}
