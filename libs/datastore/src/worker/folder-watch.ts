import { SmxError } from '@smx-edge/model';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STORE, type Sqlite } from '../database/database.js';

const absent = (folder: string, what: 'is gone' | 'is another one than before'): SmxError =>
  new SmxError('SMX_STORE_FOLDER', `the data folder ${folder} ${what}; bring back the one that was there`);

/** Whether the folder takes a write. Throws what the file system throws. */
function probe(folder: string): void {
  const path = join(folder, 'probe');
  writeFileSync(path, 'probe', { mode: 0o600 });
  rmSync(path);
}

/** Throws SMX_STORE_FOLDER where a folder has no store, and what the file system throws where it is read-only. */
export function mustBeUsable(folder: string): void {
  if (!existsSync(join(folder, STORE.file))) throw absent(folder, 'is gone');
  mustTakeWrites(folder);
}

/** Throws what the file system throws where it is read-only: SQLite would tell it as damage. */
export function mustTakeWrites(folder: string): void {
  try {
    probe(folder);
  } catch (error) {
    // on a full disk a store opens with what it has
    if ((error as NodeJS.ErrnoException).code === 'EROFS') throw error;
  }
}

/** Ends the opening of a store that is sound and another than the one that was there. Throws SMX_STORE_FOLDER. */
export function refuseOther(folder: string, db: Sqlite): never {
  db.close();
  throw absent(folder, 'is another one than before');
}

/**
 * Sees that the data folder is still the one that was opened. Open files can be written long after their folder is
 * unmounted, renamed or deleted, and nobody would find there what was acknowledged.
 */
export class FolderWatch {
  private readonly known: string;

  constructor(private readonly folder: string) {
    this.known = this.identity() ?? '';
  }

  /** Throws SMX_STORE_FOLDER where it is gone, or another one is in its place. */
  look(): void {
    const found = this.identity();
    if (found === this.known) return;
    throw absent(this.folder, found === undefined ? 'is gone' : 'is another one than before');
  }

  /** See `probe`. */
  probe(): void {
    probe(this.folder);
  }

  private identity(): string | undefined {
    const found = statSync(join(this.folder, STORE.file), { throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev} ${found.ino}`;
  }
}
