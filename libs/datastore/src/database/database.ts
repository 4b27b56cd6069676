import Database from 'better-sqlite3';
import { SmxError } from '@smx-edge/model';
import { closeSync, fsyncSync, openSync, renameSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MIGRATIONS } from './schema.js';

export type Sqlite = Database.Database;

const FILE = 'store.db';

export interface OpenDatabase {
  readonly db: Sqlite;
  /** ms UTC of creation; another epoch means other handles. */
  readonly epoch: number;
  /** Name of the file that was damaged and set aside, where there was one. */
  readonly setAside?: string;
}

/** Opens the store's database, creating or upgrading it. Throws SMX_STORE_LOCKED, SMX_STORE_DAMAGED, SMX_STORE_FOLDER. */
export function openDatabase(folder: string, now: number): OpenDatabase {
  const path = join(folder, FILE);
  let db: Sqlite | undefined;
  try {
    db = new Database(path, { timeout: 0 });
    // the lock of the file system is what really keeps a second process out: it goes with its process
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('cache_size = -2000');
    db.pragma('temp_store = MEMORY');
    db.pragma('journal_size_limit = 4194304');
    check(db);
    migrate(db, now);
    return { db, epoch: Number(readMeta(db, 'epoch')) };
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

/** As `openDatabase`, but a damaged file is renamed `store.db.damaged-T` and a new one begun. */
export function openOrReplace(folder: string, now: number): OpenDatabase {
  try {
    return openDatabase(folder, now);
  } catch (error) {
    if (!(error instanceof SmxError) || error.code !== 'SMX_STORE_DAMAGED') throw error;
    const path = join(folder, FILE);
    const setAside = `${FILE}.damaged-${now}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(path + end)) renameSync(path + end, join(folder, setAside) + end);
    return { ...openDatabase(folder, now), setAside };
  }
}

export function readMeta(db: Sqlite, key: string): string | undefined {
  const row = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key);
  return row?.value;
}

function check(db: Sqlite): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new SmxError('SMX_STORE_DAMAGED', `the store's database is damaged: ${String(found)}`);
}

function migrate(db: Sqlite, now: number): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length)
    throw new SmxError(
      'SMX_STORE_FOLDER',
      `the store was written by a newer version of this software (schema ${version}); install that one or choose another data folder`,
    );
  for (let next = version; next < MIGRATIONS.length; next++)
    db.transaction(() => {
      db.exec(MIGRATIONS[next]!);
      if (next === 0) db.prepare("INSERT INTO meta VALUES ('epoch', ?)").run(String(now));
      db.pragma(`user_version = ${next + 1}`);
    })();
  if (readMeta(db, 'epoch') === undefined)
    throw new SmxError('SMX_STORE_DAMAGED', 'the file of the store is a database, but not one of this software');
  if (version === 0) syncEntry(db.name);
}

/** Makes the entry of a new file durable. */
function syncEntry(path: string): void {
  const fd = openSync(dirname(path), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function openError(error: unknown, path: string): unknown {
  if (error instanceof SmxError || !(error instanceof Database.SqliteError)) return error;
  const { code, message } = error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new SmxError('SMX_STORE_LOCKED', `${path} is in use by another process; stop it first`, { cause: error });
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR')
    return new SmxError('SMX_STORE_DAMAGED', `the store's database is damaged: ${message}`, { cause: error });
  return new SmxError('SMX_STORE_FOLDER', `${path} cannot be opened: ${message}`, { cause: error });
}
