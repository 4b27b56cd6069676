import { describeError, isSmxError, SmxError, type Log } from '@smx-edge/model';
import { Batches } from './batches.js';
import type { Database } from './database.js';
import { Keys } from './keys.js';
import { Knowledge } from './knowledge.js';
import { Orders } from './orders.js';
import { PostgresDatabase } from './postgres.js';
import { Retention } from './retention.js';
import { Sites } from './sites.js';
import { SqliteDatabase } from './sqlite.js';
import { Streams } from './streams.js';

/** Everything that is kept, by subject, over one database. */
export class Store {
  readonly batches: Batches;
  readonly sites: Sites;
  readonly streams: Streams;
  readonly orders: Orders;
  readonly knowledge: Knowledge;
  readonly retention: Retention;
  readonly keys: Keys;
  readonly db: Database;
  private closed: SmxError | undefined = new SmxError('SMX_CLOUD_DATABASE', 'the database is not open yet');

  /** Of `postgres://…` or `sqlite:FILE`; nothing is touched until it is opened. */
  constructor(url: string, log: Log) {
    const db = (this.db = url.startsWith('sqlite:')
      ? new SqliteDatabase(url.slice('sqlite:'.length))
      : new PostgresDatabase(url, (error) =>
          log.warn('a connection to the database broke', { error: describeError(error) }),
        ));
    this.keys = new Keys(db);
    this.knowledge = new Knowledge(db, this.keys);
    this.retention = new Retention(db, this.knowledge);
    this.batches = new Batches(db, this.keys, this.knowledge);
    this.sites = new Sites(db, this.keys);
    this.streams = new Streams(db, this.keys);
    this.orders = new Orders(db);
  }

  /** Connects and makes the tables; may be tried again. Throws SMX_CLOUD_DATABASE. */
  async open(): Promise<void> {
    try {
      await this.db.open();
      this.closed = undefined;
    } catch (error) {
      if (isSmxError(error)) this.closed = error;
      throw error;
    }
  }

  /** What is wrong with the database now; undefined where it answers. */
  async fault(): Promise<unknown> {
    if (this.closed !== undefined) return this.closed;
    return this.db.rows('select 1 as one').then(
      () => undefined,
      (error: unknown) => error,
    );
  }
}
