import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, STORE } from './database.js';
import { StateTable } from './state-table.js';

it('leaves nothing in the file of what an instance keeps no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-state-'));
  try {
    const { db } = openDatabase(folder, STORE, 1_800_000_000_000);
    const holds = (text: string): boolean => {
      db.pragma('wal_checkpoint(TRUNCATE)');
      return readFileSync(join(folder, STORE.file)).includes(text);
    };
    const state = new StateTable(db);
    // short ones lie in a page with others, long ones have pages of their own
    state.set('s1', 'short', JSON.stringify({ name: 'Sauna' }));
    state.set('s1', 'long', JSON.stringify({ name: 'Kiln', more: 'x'.repeat(30_000) }));
    expect([holds('Sauna'), holds('Kiln')]).toEqual([true, true]);
    state.set('s1', 'short');
    state.set('s1', 'long', '{}');
    expect([holds('Sauna'), holds('Kiln')]).toEqual([false, false]);
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
