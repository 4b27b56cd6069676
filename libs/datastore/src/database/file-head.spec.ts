import Database from 'better-sqlite3';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY, openOrReplace, STORE } from './database.js';
import { headFault } from './file-head.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'smx-head-'))));
afterEach(() => rmSync(dir, { recursive: true }));

describe('the head of a file', () => {
  it.each([STORE, HISTORY])('of $file is sound where a crash left it before anything was made in it', (kind) => {
    const db = new Database(join(dir, kind.file));
    if (kind.shrinks) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.close();
    const opened = openOrReplace(dir, kind, 1);
    opened.db.close();
    expect(opened.setAside).toBeUndefined();
  });

  it.each([STORE, HISTORY])('of $file is at fault with another bit in what is the same in each', (kind) => {
    openOrReplace(dir, kind, 1).db.close();
    const path = join(dir, kind.file);
    const bytes = readFileSync(path);
    expect(headFault(path)).toBeUndefined();
    for (const at of [0, 17, 47, 59, 67, 80]) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 4;
      writeFileSync(path, flipped);
      expect(headFault(path)).toBeDefined();
    }
  });
});
