import Database from 'better-sqlite3';
import { SmxError } from '@smx-edge/model';
import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HISTORY_STEPS, STORE_STEPS } from './schema.js';

export type Sqlite = Database.Database;
export type Statement<In extends unknown[], Out> = Database.Statement<In, Out>;

/** A database of the data folder. */
export interface DatabaseKind {
  readonly file: string;
  readonly steps: readonly string[];
  /** What `PRAGMA quick_check` reads at each opening: all of it, or the tables that stay small. */
  readonly checked: readonly string[] | 'all';
}

/** Catalogue, events, principals, ledger, state: what must be up within seconds whatever the size of history. */
export const STORE: DatabaseKind = { file: 'store.db', steps: STORE_STEPS, checked: 'all' };
/** Chunks and means; each carries a CRC of its own, so only the index of segments is read at the opening. */
export const HISTORY: DatabaseKind = {
  file: 'history.db',
  steps: HISTORY_STEPS,
  checked: ['meta', 'points', 'segments'],
};

export interface OpenDatabase {
  readonly db: Sqlite;
  /** ms UTC of creation; another epoch means other handles. */
  readonly epoch: number;
  /** Name of the file that was damaged and set aside, where there was one. */
  readonly setAside?: string;
}

/** Opens a database, creating or upgrading it. Throws SMX_STORE_LOCKED, SMX_STORE_DAMAGED, SMX_STORE_FOLDER. */
export function openDatabase(folder: string, kind: DatabaseKind, now: number): OpenDatabase {
  const path = join(folder, kind.file);
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
    check(db, kind);
    migrate(db, kind, now);
    return { db, epoch: Number(readMeta(db, 'epoch')) };
  } catch (error) {
    db?.close();
    throw openError(error, path);
  }
}

/** As `openDatabase`, but a damaged file is renamed `FILE.damaged-T` and a new one begun. */
export function openOrReplace(folder: string, kind: DatabaseKind, now: number): OpenDatabase {
  try {
    return openDatabase(folder, kind, now);
  } catch (error) {
    if (!(error instanceof SmxError) || error.code !== 'SMX_STORE_DAMAGED') throw error;
    const setAside = setDatabaseAside(folder, kind, `damaged-${now}`);
    return { ...openDatabase(folder, kind, now), setAside };
  }
}

/** Renames the files of a closed database to `FILE.END` and returns that name. */
export function setDatabaseAside(folder: string, { file }: DatabaseKind, end: string): string {
  const path = join(folder, file);
  const name = `${file}.${end}`;
  for (const part of ['', '-wal', '-shm'])
    if (existsSync(path + part)) renameSync(path + part, join(folder, name) + part);
  return name;
}

export function readMeta(db: Sqlite, key: string): string | undefined {
  const row = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key);
  return row?.value;
}

export function writeMeta(db: Sqlite, key: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
}

/** Whether an error of SQLite says that its file is damaged. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_NOTADB') || error.code.startsWith('SQLITE_CORRUPT'))
  );
}

function check(db: Sqlite, { file, checked }: DatabaseKind): void {
  const isNew = Number(db.pragma('user_version', { simple: true })) === 0;
  const questions = checked === 'all' || isNew ? ['1'] : checked;
  for (const question of questions) {
    const found = db.pragma(`quick_check(${question})`, { simple: true });
    if (found !== 'ok') throw new SmxError('SMX_STORE_DAMAGED', `${file} is damaged: ${String(found)}`);
  }
}

function migrate(db: Sqlite, { file, steps }: DatabaseKind, now: number): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > steps.length)
    throw new SmxError(
      'SMX_STORE_FOLDER',
      `${file} was written by a newer version of this software (schema ${version}); install that one or choose another data folder`,
    );
  for (let next = version; next < steps.length; next++)
    db.transaction(() => {
      db.exec(steps[next]!);
      if (next === 0) writeMeta(db, 'epoch', String(now));
      db.pragma(`user_version = ${next + 1}`);
    })();
  if (readMeta(db, 'epoch') === undefined)
    throw new SmxError('SMX_STORE_DAMAGED', `${file} is a database, but not one of this software`);
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
  if (isDamage(error) || code === 'SQLITE_ERROR')
    return new SmxError('SMX_STORE_DAMAGED', `${basename(path)} is damaged: ${message}`, { cause: error });
  return new SmxError('SMX_STORE_FOLDER', `${path} cannot be opened: ${message}`, { cause: error });
}
