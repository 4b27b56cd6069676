import { describeError, type Log } from '@smx-edge/model';
import { Batches } from './batches.js';
import type { Database } from './database.js';
import { Keys } from './keys.js';
import { Orders } from './orders.js';
import { PostgresDatabase } from './postgres.js';
import { Sites } from './sites.js';
import { SqliteDatabase } from './sqlite.js';
import { Streams } from './streams.js';

/** Everything that is kept, by subject, over one database. */
export class Store {
  readonly batches: Batches;
  readonly sites: Sites;
  readonly streams: Streams;
  readonly orders: Orders;
  readonly keys: Keys;

  private constructor(readonly db: Database) {
    this.keys = new Keys(db);
    this.batches = new Batches(db, this.keys);
    this.sites = new Sites(db, this.keys);
    this.streams = new Streams(db, this.keys);
    this.orders = new Orders(db);
  }

  /** Opens `postgres://…` or `sqlite:FILE` and makes the tables. Throws SMX_CLOUD_DATABASE. */
  static async open(url: string, log: Log): Promise<Store> {
    if (url.startsWith('sqlite:')) return new Store(new SqliteDatabase(url.slice('sqlite:'.length)));
    const postgres = new PostgresDatabase(url, (error) =>
      log.warn('a connection to the database broke', { error: describeError(error) }),
    );
    try {
      await postgres.open();
    } catch (error) {
      await postgres.close();
      throw error;
    }
    return new Store(postgres);
  }
}
