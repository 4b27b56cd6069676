import Database from 'better-sqlite3';
import { SmxError } from '@smx-edge/model';
import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { headFault } from './file-head.js';
import { addRowSum, RowDamage } from './row-sum.js';
import { HISTORY_STEPS, STORE_STEPS } from './schema.js';
import { keepSchema, schemaToKeep, type SchemaPages } from './schema-copy.js';
import { isNew, rowFault, schemaFault, structureFault } from './soundness.js';

export type Sqlite = Database.Database;
export type Statement<In extends unknown[], Out> = Database.Statement<In, Out>;

/** A database of the data folder. */
export interface DatabaseKind {
  readonly file: string;
  readonly steps: readonly string[];
  /** What SQLite's own check reads at each opening: all of it, or the tables that stay small. */
  readonly checked: readonly string[] | 'all';
  /** Whether pages that are empty can be given back to the disk. */
  readonly shrinks: boolean;
  /** Whether what is deleted is overwritten; else only while something is erased, as samples go for their age all the time. */
  readonly forgets: boolean;
  /** Tables whose rows are held against their sums at each opening. */
  readonly judged: readonly string[];
}

/** Catalogue, events, principals, ledger, state: what must be up within seconds whatever the size of history. */
export const STORE: DatabaseKind = {
  file: 'store.db',
  steps: STORE_STEPS,
  checked: 'all',
  shrinks: false,
  forgets: true,
  // ledger and rows of load profiles may be millions, and their sums are looked at when they are read
  judged: [
    ...['meta', 'catalogue', 'events', 'principals', 'state', 'gaps', 'keys', 'anchors', 'seals', 'profiles'],
    ...['event_files', 'commands', 'held', 'lanes', 'lane_plans', 'lane_cuts', 'lane_records', 'segments'],
  ],
};
/** Chunks and means; each carries a CRC of its own, so only the index of segments is read at the opening. */
export const HISTORY: DatabaseKind = {
  file: 'history.db',
  steps: HISTORY_STEPS,
  checked: ['meta', 'points', 'segments'],
  shrinks: true,
  forgets: false,
  judged: ['meta', 'points', 'segments'],
};

/** Ends of the names of the files that belong to a database. */
export const FILES = ['', '-wal', '-shm', '.schema'] as const;

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
    // read while SQLite has not got it: closing a file ends all locks that a process has on it
    sound(kind, headFault(path));
    const schema = schemaToKeep(path);
    db = new Database(path, { timeout: 0 });
    addRowSum(db);
    // the lock of the file system is what really keeps a second process out: it goes with its process
    db.pragma('locking_mode = EXCLUSIVE');
    // only a new file can be made so, and one that is not is written to
    if (kind.shrinks && isNew(db)) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('cache_size = -2000');
    db.pragma('temp_store = MEMORY');
    db.pragma('journal_size_limit = 4194304');
    if (kind.forgets) db.pragma('secure_delete = ON');
    sound(kind, structureFault(db, kind));
    if (migrate(db, kind, now)) {
      // its schema is in the file now, and can be copied
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
      return openDatabase(folder, kind, now);
    }
    sound(kind, schemaFault(db, kind) ?? rowFault(db, kind));
    const epoch = readMeta(db, 'epoch');
    sound(kind, epoch === undefined ? 'it is not one of this software' : undefined);
    if (schema !== undefined) keepWhereItCan(path, schema);
    return { db, epoch: Number(epoch) };
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
  for (const part of FILES) if (existsSync(path + part)) renameSync(path + part, join(folder, name) + part);
  return name;
}

/** Looked into in each turn of the thread, so the question is compiled once. */
const metaReads = new WeakMap<Sqlite, Statement<[string], { value: string }>>();

export function readMeta(db: Sqlite, key: string): string | undefined {
  let read = metaReads.get(db);
  if (read === undefined) {
    read = db.prepare('SELECT value FROM meta WHERE key = ? AND sound');
    metaReads.set(db, read);
  }
  return read.get(key)?.value;
}

export function writeMeta(db: Sqlite, key: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

/** Damage of the file of history, where it could be taken for that of the store. */
export class HistoryDamage extends SmxError {
  constructor(what: string, options?: { readonly cause: unknown }) {
    super('SMX_STORE_DAMAGED', `${HISTORY.file} is damaged: ${what}`, options);
  }
}

/** Whether an error says that a database is damaged. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof HistoryDamage ||
    error instanceof RowDamage ||
    (error instanceof Database.SqliteError &&
      (error.code.startsWith('SQLITE_NOTADB') || error.code.startsWith('SQLITE_CORRUPT')))
  );
}

function sound({ file }: DatabaseKind, fault: string | undefined): void {
  if (fault !== undefined) throw new SmxError('SMX_STORE_DAMAGED', `${file} is damaged: ${fault}`);
}

/** A full or a read-only disk must not keep a store from opening; the next opening tries again. */
function keepWhereItCan(path: string, schema: SchemaPages): void {
  try {
    keepSchema(path, schema);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].includes(code)) throw error;
  }
}

/** Does the steps that a file lacks; false where there are none. */
function migrate(db: Sqlite, kind: DatabaseKind, now: number): boolean {
  const { file, steps } = kind;
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > 0) {
    // it stands in two places, so that a flipped bit is not taken for another version
    const told = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'schema'").get()?.value;
    const isOther = told === undefined ? version > steps.length : told !== String(version);
    sound(kind, isOther ? 'it tells of two versions' : undefined);
  }
  if (version > steps.length)
    throw new SmxError(
      'SMX_STORE_FOLDER',
      `${file} was written by a newer version of this software (schema ${version}); install that one or choose another data folder`,
    );
  for (let next = version; next < steps.length; next++)
    db.transaction(() => {
      db.exec(steps[next]!);
      if (next === 0) writeMeta(db, 'epoch', String(now));
      writeMeta(db, 'schema', String(next + 1));
      db.pragma(`user_version = ${next + 1}`);
    })();
  if (version === 0) syncEntry(db.name);
  return version < steps.length;
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
