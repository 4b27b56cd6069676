import { createHash } from 'node:crypto';
import { SmxError } from '@smx-edge/model';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HISTORY, openDatabase, STORE, writeMeta, type DatabaseKind } from '../database/database.js';
import { Evidence } from '../database/evidence.js';
import { syncFolder } from '../journal/segment-file.js';
import { writeEpoch } from '../journal/segment.js';
import { beginStreams } from './streams.js';
import { makeDataFolder } from '../store/folder.js';
import { lockFolder } from '../store/lock.js';
import { isBackupName, MANIFEST, SUMS, type Manifest } from './manifest.js';
import { readTar } from './tar.js';

const NEW = 'restore-new';
/** What a restored store replaces. */
const OWN = ['store.db', 'history.db', 'journal', 'files'];

export interface Restored {
  readonly manifest: Manifest;
  /** Folder in the data folder with what was there before, where anything was. */
  readonly before?: string;
}

/**
 * Puts a backup in the place of the store of a data folder, under a new epoch. All of it is read and checked before
 * anything changes; what was there is moved aside, not deleted. Rejects with SMX_STORE_LOCKED while a core runs,
 * SMX_STORE_DAMAGED for an archive that is not whole, SMX_STORE_FOLDER.
 */
export async function restoreBackup(
  dir: string,
  source: AsyncIterable<Uint8Array>,
  { now, by }: { now: number; by: string },
): Promise<Restored> {
  makeDataFolder(dir);
  const lock = lockFolder(dir);
  const fresh = join(dir, NEW);
  try {
    rmSync(fresh, { recursive: true, force: true });
    const manifest = await unpack(source, fresh);
    beginEpoch(fresh, { dir, manifest, now, by });
    const before = exchange(dir, fresh, now);
    return { manifest, ...(before === undefined ? {} : { before }) };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    lock.release();
  }
}

async function unpack(source: AsyncIterable<Uint8Array>, into: string): Promise<Manifest> {
  for (const part of ['', 'journal', 'files']) mkdirSync(join(into, part), { recursive: true, mode: 0o700 });
  const sums = new Map<string, string>();
  let manifest: Manifest | undefined;
  let told: Record<string, string> | undefined;
  for await (const { name, bytes } of readTar(source)) {
    const hash = createHash('sha256');
    if (name === MANIFEST || name === SUMS) {
      const parts: Buffer[] = [];
      for await (const part of bytes) parts.push(part);
      const text = Buffer.concat(parts).toString();
      if (name === MANIFEST) manifest = parsed(text) as Manifest;
      else told = parsed(text) as Record<string, string>;
      sums.set(name, hash.update(text).digest('hex'));
    } else if (isBackupName(name)) {
      await store(join(into, name), bytes, (part) => hash.update(part));
      sums.set(name, hash.digest('hex'));
    } else throw refused(`"${name}" does not belong into one`);
  }
  if (manifest?.format !== 1) throw refused('it has no manifest of a form this version knows');
  sums.delete(SUMS);
  const wrong = [...sums].find(([name, sum]) => told?.[name] !== sum)?.[0];
  if (told === undefined || Object.keys(told).length !== sums.size) throw refused('it is not complete');
  if (wrong !== undefined) throw refused(`${wrong} is damaged`);
  return manifest;
}

const refused = (why: string): SmxError =>
  new SmxError('SMX_STORE_DAMAGED', `the backup cannot be used: ${why}; nothing was changed`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SmxError('SMX_STORE_DAMAGED', 'the backup cannot be used: it is damaged; nothing was changed', {
      cause: error,
    });
  }
}

async function store(path: string, bytes: AsyncIterable<Buffer>, each: (part: Buffer) => void): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    for await (const part of bytes) {
      each(part);
      for (let at = 0; at < part.length;) at += writeSync(file, part, at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Handles may mean other points from here on for whoever followed the old store, so the epoch is a new one. */
function beginEpoch(
  folder: string,
  { dir, manifest, now, by }: { dir: string; manifest: Manifest; now: number; by: string },
): void {
  const change = (kind: DatabaseKind, more: (db: ReturnType<typeof openDatabase>['db']) => void): void => {
    const { db } = openDatabase(folder, kind, now);
    try {
      db.transaction(() => {
        writeMeta(db, 'epoch', String(now));
        more(db);
      })();
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
  };
  change(HISTORY, () => undefined);
  change(STORE, (db) => {
    beginStreams(db, now);
    const data = { restored: manifest.made, secrets: manifest.secrets };
    // an anchor, where one falls due, is signed with the key of this box
    new Evidence(db, { folder: dir }).ledger.append({ t: now, kind: 'system', principal: by, data });
  });
  const journal = join(folder, 'journal');
  for (const name of readdirSync(journal)) writeEpoch(join(journal, name), now);
}

/** Moves what is there aside and the new in its place. */
function exchange(dir: string, fresh: string, now: number): string | undefined {
  const before = `before-restore-${now}`;
  const replaced = [...OWN, ...['-wal', '-shm'].flatMap((end) => [`store.db${end}`, `history.db${end}`])];
  const named = readdirSync(fresh);
  const there = [...replaced, ...named].filter(
    (name, i, all) => all.indexOf(name) === i && existsSync(join(dir, name)),
  );
  if (there.length > 0) mkdirSync(join(dir, before), { mode: 0o700 });
  for (const name of there) renameSync(join(dir, name), join(dir, before, name));
  for (const name of named) renameSync(join(fresh, name), join(dir, name));
  syncFolder(dir);
  syncFolder(dirname(join(dir, before)));
  return there.length > 0 ? before : undefined;
}
