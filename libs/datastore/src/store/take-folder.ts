import { isSmxError } from '@smx-edge/model';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { STORE } from '../database/database.js';
import { makeDataFolder } from './folder.js';
import { lockFolder, type FolderLock } from './lock.js';

/** Nobody can put a lock on a read-only disk; once it takes writes the database has a lock of its own. */
const NO_LOCK: FolderLock = { release: () => undefined };

/**
 * Makes a data folder where it is not there, and takes its lock; of a store on a read-only disk there is none. Throws
 * SMX_STORE_LOCKED, SMX_STORE_FOLDER, SMX_STORE_READONLY where there is no store either.
 */
export function takeFolder(folder: string): FolderLock {
  try {
    makeDataFolder(folder);
    return lockFolder(folder);
  } catch (error) {
    if (isSmxError(error) && error.code === 'SMX_STORE_READONLY' && existsSync(join(folder, STORE.file)))
      return NO_LOCK;
    throw error;
  }
}
