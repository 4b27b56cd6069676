import type { LivePoint, PointDefinition } from '@smx-edge/model';
import type { Sqlite } from './database.js';

/** Which handle is which point, beside the samples: so that history can be read without the database of the store. */
export class PointTable {
  constructor(private readonly db: Sqlite) {}

  all(): LivePoint[] {
    return this.db
      .prepare<[], { handle: number; definition: string }>(
        'SELECT handle, definition FROM points WHERE sound ORDER BY handle',
      )
      .all()
      .map(({ handle, definition }) => ({ handle, definition: JSON.parse(definition) as PointDefinition }));
  }

  /** Keeps what of `points` is new or another, in one transaction. */
  keep(points: readonly LivePoint[]): void {
    const known = this.db.prepare<[number], { definition: string }>('SELECT definition FROM points WHERE handle = ?');
    const changed = points
      .map(({ handle, definition }) => ({ handle, definition: JSON.stringify(definition) }))
      .filter(({ handle, definition }) => known.get(handle)?.definition !== definition);
    if (changed.length === 0) return;
    this.db.transaction(() => {
      for (const { handle, definition } of changed)
        this.db.prepare('INSERT OR REPLACE INTO points VALUES (?, ?)').run(handle, definition);
    })();
  }
}
