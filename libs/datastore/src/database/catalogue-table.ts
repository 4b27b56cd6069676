import type { LivePoint, PointDefinition } from '@smx-edge/model';
import type { Sqlite } from './database.js';

interface Row {
  readonly id: number;
  readonly definition: string;
  readonly removed: number;
}

/** Points by id, the removed ones too: their ids are never given again. */
export class CatalogueTable {
  constructor(private readonly db: Sqlite) {}

  put({ handle, definition }: LivePoint, removed: boolean): void {
    this.db
      .prepare('INSERT OR REPLACE INTO catalogue VALUES (?, ?, ?, ?, ?)')
      .run(handle, definition.path, definition.instance, JSON.stringify(definition), removed ? 1 : 0);
  }

  all(): { points: LivePoint[]; removed: LivePoint[] } {
    const found = { points: [] as LivePoint[], removed: [] as LivePoint[] };
    for (const row of this.db.prepare<[], Row>('SELECT id, definition, removed FROM catalogue ORDER BY id').all()) {
      const point = { handle: row.id, definition: JSON.parse(row.definition) as PointDefinition };
      (row.removed === 0 ? found.points : found.removed).push(point);
    }
    return found;
  }

  definition(handle: number): PointDefinition | undefined {
    const row = this.db.prepare<[number], Row>('SELECT * FROM catalogue WHERE id = ?').get(handle);
    return row === undefined ? undefined : (JSON.parse(row.definition) as PointDefinition);
  }
}
