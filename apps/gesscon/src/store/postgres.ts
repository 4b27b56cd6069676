import { describeError, SmxError } from '@smx-edge/model';
import { Pool, types, type PoolClient } from 'pg';
import type { BulkTable, Cell, Database } from './database.js';
import { migrate } from './migrations.js';
import { tables } from './tables.js';

/** A statement that takes longer is given up, and with it the connection, ms. */
const LONGEST = 10_000;
/** Most that commits may wait for a table to be dropped, ms. */
const LONGEST_STOP = 200;
const DAY = 86_400_000;
/** Key of the advisory lock under which tables and their parts are made. */
const MAKING = 0x534d58;

// ms and numbers of batches: all exact as numbers
types.setTypeParser(types.builtins.INT8, Number);

type Queries = Pick<Pool | PoolClient, 'query'>;

/** PostgreSQL: as many workers as one likes on one database. Values are parted by day, batches by site. */
export class PostgresDatabase implements Database {
  private readonly pool: Pool;
  private readonly days = new Set<number>();

  /** `onFault` hears of connections that break while no query is under way. */
  constructor(
    url: string,
    private readonly onFault: (error: Error) => void,
  ) {
    this.pool = new Pool({
      connectionString: url,
      ...{ max: 4, connectionTimeoutMillis: LONGEST, statement_timeout: LONGEST, query_timeout: LONGEST + 1000 },
    });
    this.pool.on('error', onFault);
  }

  async open(): Promise<void> {
    const parts = [0, 1, 2, 3].map(
      (part) =>
        `create table if not exists batch_${part} partition of batch for values with (modulus 4, remainder ${part});`,
    );
    const dialect = {
      ...{ key: 'integer generated always as identity primary key', createView: 'create or replace view' },
      ...{ batchParts: 'partition by hash (site)', valueParts: 'partition by range (received)' },
    };
    await this.atomic(async (inside) => {
      await inside.rows(`select pg_advisory_xact_lock(${MAKING}); ${tables(dialect)} ${parts.join('')}`);
      await migrate(inside);
    });
  }

  rows<R extends object>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return rows(this.pool, text, params);
  }

  insert<R extends object>(into: BulkTable, columns: readonly (readonly Cell[])[], tail?: string): Promise<R[]> {
    return insert(this.pool, { into, columns, tail });
  }

  async atomic<T>(work: (inside: Database) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch(fail);
    // the pool does not listen to one that it gave away
    client.on('error', this.onFault);
    let broken: Error | undefined;
    try {
      await rows(client, 'begin');
      const result = await work(this.nested(client));
      await rows(client, 'commit');
      return result;
    } catch (error) {
      // a connection on which even that fails is not used again
      await rows(client, 'rollback').catch((worse: unknown) => (broken = worse as Error));
      throw error;
    } finally {
      client.release(broken);
      client.off('error', this.onFault);
    }
  }

  async prepare(time: number): Promise<void> {
    const today = Math.floor(time / DAY);
    for (const day of [today, today + 1]) {
      if (this.days.has(day)) continue;
      const name = `value_${new Date(day * DAY).toISOString().slice(0, 10).replaceAll('-', '')}`;
      const range = `from (${day * DAY}) to (${(day + 1) * DAY})`;
      await this.make(`create table if not exists ${name} partition of value for values ${range};`);
      this.days.add(day);
    }
  }

  /** A table of a day at a time. Rejects where somebody reads them for so long that workers would wait behind. */
  async forget(time: number): Promise<boolean> {
    const parts = await this.rows<{ name: string }>(
      "select relname as name from pg_inherits join pg_class on oid = inhrelid where inhparent = 'value'::regclass",
    );
    const last = `value_${new Date(time - DAY).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const [old, ...more] = parts.filter(({ name }) => name <= last);
    if (old !== undefined)
      await this.make(`drop table if exists ${old.name};`, `set local lock_timeout = ${LONGEST_STOP};`);
    return more.length > 0;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Several statements in one message are one transaction. */
  private async make(statements: string, before = ''): Promise<void> {
    await this.rows(`${before} select pg_advisory_xact_lock(${MAKING}); ${statements}`);
  }

  private nested(client: PoolClient): Database {
    const inside: Database = {
      open: async () => {},
      rows: (text, params = []) => rows(client, text, params),
      insert: (into, columns, tail) => insert(client, { into, columns, tail }),
      atomic: (work) => work(inside),
      prepare: (time) => this.prepare(time),
      forget: (time) => this.forget(time),
      close: async () => {},
    };
    return inside;
  }
}

async function rows<R extends object>(on: Queries, text: string, params: readonly unknown[] = []): Promise<R[]> {
  const result = await (params.length === 0 ? on.query(text) : on.query(text, [...params])).catch(fail);
  return (result.rows as R[] | undefined) ?? [];
}

interface BulkInsert {
  readonly into: BulkTable;
  readonly columns: readonly (readonly Cell[])[];
  readonly tail: string | undefined;
}

/** Arrays go as their text form, made here: that of the driver looks at each element. */
function insert<R extends object>(on: Queries, { into, columns, tail = '' }: BulkInsert): Promise<R[]> {
  const names = Object.keys(into.columns);
  const given = Object.values(into.columns).map((type, i) => `$${i + 1}::${type}[]`);
  const texts = Object.values(into.columns).map((type, i) => arrayText(columns[i] ?? [], type === 'text'));
  return rows(on, `insert into ${into.name} (${names.join()}) select * from unnest(${given.join()}) ${tail}`, texts);
}

function arrayText(values: readonly Cell[], isText: boolean): string {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return 'null';
    return isText ? `"${String(value).replaceAll(/["\\]/g, '\\$&')}"` : String(value);
  });
  return `{${parts.join()}}`;
}

function fail(error: unknown): never {
  throw new SmxError('SMX_CLOUD_DATABASE', describeError(error), { cause: error });
}
