import { isSmxError } from '@smx-edge/model';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FILES, openDatabase, setDatabaseAside, STORE, type OpenDatabase } from '../database/database.js';
import { syncFolder } from '../journal/segment-file.js';
import { carryOver, type Carried } from '../salvage/salvage-store.js';

/** Stands beside the store where that is to be set aside; has the name that it gets, once it gets one. */
const SUSPECT = `${STORE.file}.suspect`;

export interface OpenStore extends OpenDatabase {
  /** What was carried over from the file that was set aside. */
  readonly carried?: Carried;
}

/** Has the next opening set the store aside: it was found damaged in use. */
export function suspectStore(folder: string): void {
  mark(folder, '');
}

/**
 * Opens the store. Where it is damaged a new one takes its place, which has all that is sound and not large from the
 * start; killed on the way, the next opening does it again.
 */
export function openStore(folder: string, now: number): OpenStore {
  const suspect = marked(folder);
  if (suspect === undefined) {
    try {
      return openDatabase(folder, STORE, now);
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_STORE_DAMAGED') throw error;
    }
  }
  const end = `damaged-${now}`;
  const name = suspect === undefined || suspect === '' ? `${STORE.file}.${end}` : suspect;
  if (name !== suspect) {
    mark(folder, name);
    setDatabaseAside(folder, STORE, end);
  } else if (!existsSync(join(folder, name))) setDatabaseAside(folder, STORE, name.slice(STORE.file.length + 1));
  // one that was begun and not finished: nothing in it was ever told to anyone
  else for (const part of FILES) rmSync(join(folder, STORE.file + part), { force: true });
  const opened = openDatabase(folder, STORE, now);
  const carried = carryOver(join(folder, name), { db: opened.db, name });
  rmSync(join(folder, SUSPECT));
  return { ...opened, setAside: name, carried, epoch: carried.goesOn ? carried.former! : opened.epoch };
}

function marked(folder: string): string | undefined {
  const path = join(folder, SUSPECT);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function mark(folder: string, name: string): void {
  const file = openSync(join(folder, SUSPECT), 'w', 0o600);
  try {
    writeSync(file, name);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(folder);
}
