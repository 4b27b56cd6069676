import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueTable } from '../database/catalogue-table.js';
import { FILES, openDatabase, STORE } from '../database/database.js';
import { Evidence } from '../database/evidence.js';
import { PrincipalTable } from '../database/principal-table.js';
import { StateTable } from '../database/state-table.js';
import type { Opened } from './protocol.js';

/** A file system in memory, of which nothing is left after a start of the machine. */
const MEMORY = '/dev/shm';

/**
 * What a store knows whose disk takes no writes, undefined where there is none. SQLite opens no database of that kind
 * there, so it is read from a copy, with what a crash left in the log. Throws where that is damaged or has no room.
 */
export function keptIn(folder: string, now: number): Opened | undefined {
  if (!existsSync(join(folder, STORE.file))) return undefined;
  const copy = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'smx-store-'));
  try {
    for (const part of FILES) {
      const path = join(folder, STORE.file + part);
      if (existsSync(path)) copyFileSync(path, join(copy, STORE.file + part), constants.COPYFILE_EXCL);
    }
    const { db, epoch } = openDatabase(copy, STORE, now);
    const catalogue = new CatalogueTable(db);
    const { ledger, profiles } = new Evidence(db, { folder: copy });
    const kept = {
      ...{ epoch, ...catalogue.all(), first: catalogue.first(), principals: new PrincipalTable(db).all() },
      ...{ profiles: profiles.all(), ledgerHead: ledger.head, state: new StateTable(db).all() },
    };
    db.close();
    return kept;
  } finally {
    rmSync(copy, { recursive: true });
  }
}
