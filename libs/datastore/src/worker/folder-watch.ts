import { SmxError } from '@smx-edge/model';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STORE } from '../database/database.js';

const gone = (folder: string, what: string): SmxError =>
  new SmxError('SMX_STORE_FOLDER', `the data folder ${folder} ${what}; bring back the one that was there`);

/** Throws SMX_STORE_FOLDER where a folder has no store. */
export function mustBeThere(folder: string): void {
  if (!existsSync(join(folder, STORE.file))) throw gone(folder, 'is gone');
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
    throw gone(this.folder, found === undefined ? 'is gone' : 'is another one than before');
  }

  /** Tries whether the folder takes a write. Throws what the file system throws. */
  probe(): void {
    const path = join(this.folder, 'probe');
    writeFileSync(path, 'probe', { mode: 0o600 });
    rmSync(path);
  }

  private identity(): string | undefined {
    const found = statSync(join(this.folder, STORE.file), { throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev} ${found.ino}`;
  }
}
