import type { ChunkKey } from '../chunk/chunk.js';
import type { Sqlite, Statement } from './database.js';

/** Chunks by segment and point. */
export class ChunkTable {
  private readonly found: Statement<[number, number], { data: Buffer }>;
  private readonly insert: Statement<[number, number, Buffer], unknown>;

  constructor(private readonly db: Sqlite) {
    this.found = db.prepare('SELECT data FROM chunks WHERE segment = ? AND handle = ?');
    this.insert = db.prepare('INSERT OR REPLACE INTO chunks (segment, handle, data) VALUES (?, ?, ?)');
  }

  /** A chunk that a killed sealing left behind is replaced. */
  put({ segment, handle }: ChunkKey, data: Buffer): void {
    this.insert.run(segment, handle, data);
  }

  get({ segment, handle }: ChunkKey): Buffer | undefined {
    return this.found.get(segment, handle)?.data;
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
