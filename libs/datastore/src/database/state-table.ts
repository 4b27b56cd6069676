import type { Sqlite } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

/** What one instance keeps under one key, JSON text. */
export interface KeptState {
  readonly instance: string;
  readonly key: string;
  readonly value: string;
}

/** What instances keep: JSON text by key. */
export class StateTable {
  constructor(private readonly db: Sqlite) {}

  get(instance: string, key: string): string | undefined {
    const row = this.db
      .prepare<[string, string], Summed<{ value: string }>>(
        'SELECT value, sound FROM state WHERE instance = ? AND key = ?',
      )
      .get(instance, key);
    return row === undefined ? undefined : asWritten('state', row).value;
  }

  /** Everything that is sound. */
  all(): KeptState[] {
    return this.db.prepare<[], KeptState>('SELECT instance, key, value FROM state WHERE sound').all();
  }

  /** Without a value the key goes. */
  set(instance: string, key: string, value?: string): void {
    if (value === undefined) this.db.prepare('DELETE FROM state WHERE instance = ? AND key = ?').run(instance, key);
    else this.db.prepare('INSERT OR REPLACE INTO state VALUES (?, ?, ?)').run(instance, key, value);
  }

  /** Bytes of keys and values of an instance. */
  size(instance: string): number {
    const sql =
      'SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))), 0) AS size FROM state WHERE instance = ?';
    return this.db.prepare<[string], { size: number }>(sql).get(instance)?.size ?? 0;
  }
}
