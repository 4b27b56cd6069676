import type { ChunkKey } from '../chunk/chunk.js';
import type { Sqlite } from './database.js';

/** Chunks by segment and point. */
export class ChunkTable {
  constructor(private readonly db: Sqlite) {}

  /** A chunk that a killed sealing left behind is replaced. */
  put({ segment, handle }: ChunkKey, data: Buffer): void {
    this.db
      .prepare('INSERT OR REPLACE INTO chunks (segment, handle, data) VALUES (?, ?, ?)')
      .run(segment, handle, data);
  }

  get({ segment, handle }: ChunkKey): Buffer | undefined {
    return this.db
      .prepare<[number, number], { data: Buffer }>('SELECT data FROM chunks WHERE segment = ? AND handle = ?')
      .get(segment, handle)?.data;
  }

  handles(segment: number): number[] {
    return this.db
      .prepare<[number], { handle: number }>('SELECT handle FROM chunks WHERE segment = ? ORDER BY handle')
      .all(segment)
      .map(({ handle }) => handle);
  }

  remove({ segment, handle }: ChunkKey): void {
    this.db.prepare('DELETE FROM chunks WHERE segment = ? AND handle = ?').run(segment, handle);
  }

  removeOf(segment: number): void {
    this.db.prepare('DELETE FROM chunks WHERE segment = ?').run(segment);
  }
}
