import { headText, type Head, type SignedHead } from '../proof/head.js';
import type { Sqlite } from './database.js';
import type { KeyTable } from './key-table.js';

/** A year of hourly seals, and the stops of it. */
const MOST_SEALS = 10_000;

/** Signed heads of earlier hours: what was cut off or put in since cannot be hidden from them. */
export class SealTable {
  private newest: Head | undefined;

  constructor(
    private readonly db: Sqlite,
    private readonly keys: KeyTable,
  ) {
    this.reload();
  }

  /** Reads the newest again, after a transaction that came to nothing. */
  reload(): void {
    const row = this.db.prepare<[], { head: string }>('SELECT head FROM seals ORDER BY id DESC LIMIT 1').get();
    this.newest = row === undefined ? undefined : (JSON.parse(row.head) as Head);
  }

  get last(): Head | undefined {
    return this.newest;
  }

  /** Within the caller's transaction. */
  add(head: Head): void {
    const { key, sig } = this.keys.sign(headText(head), head.t);
    const id = Number(
      this.db
        .prepare('INSERT INTO seals (head, key, sig) VALUES (?, ?, ?)')
        .run(JSON.stringify(head), key, sig.toString('base64')).lastInsertRowid,
    );
    this.db.prepare('DELETE FROM seals WHERE id <= ?').run(id - MOST_SEALS);
    this.newest = head;
  }

  all(): SignedHead[] {
    return this.db
      .prepare<[], { head: string; key: string; sig: string }>(
        'SELECT head, keys.name AS key, sig FROM seals JOIN keys ON keys.id = seals.key ORDER BY seals.id',
      )
      .all()
      .map(({ head, key, sig }) => ({ head: JSON.parse(head) as Head, key, sig }));
  }
}
