import type { PrincipalRecord } from '@smx-edge/model';
import type { Sqlite } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

export class PrincipalTable {
  constructor(private readonly db: Sqlite) {}

  all(): PrincipalRecord[] {
    return this.db
      .prepare<[], Summed<{ record: string }>>('SELECT record, sound FROM principals ORDER BY name')
      .all()
      .map((row) => asWritten('principals', row))
      .map(({ record }) => JSON.parse(record) as PrincipalRecord);
  }

  put(record: PrincipalRecord): void {
    this.db.prepare('INSERT OR REPLACE INTO principals VALUES (?, ?)').run(record.name, JSON.stringify(record));
  }

  remove(name: string): void {
    this.db.prepare('DELETE FROM principals WHERE name = ?').run(name);
  }
}
