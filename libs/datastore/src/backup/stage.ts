import Database from 'better-sqlite3';
import { SmxError } from '@smx-edge/model';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { HISTORY, STORE, type Sqlite } from '../database/database.js';
import { segmentName, type Segment } from '../journal/segment.js';

/** Folders in the data folder in which backups gather. */
const STAGE = 'backup-';
/** Free space that a backup leaves. */
const LEAVES = 32 * 2 ** 20;

export interface StageOptions {
  /** The data folder. */
  readonly folder: string;
  readonly now: number;
  readonly secrets: boolean;
  readonly store: Sqlite;
  readonly history: Sqlite;
  /** Segments with a file, the open one last; their bytes are on disk. */
  readonly segments: readonly Segment[];
}

export interface Staged {
  readonly folder: string;
  readonly names: readonly string[];
}

/**
 * Gathers what a backup holds in a folder of its own, while commits go on: databases by SQLite's own online copy, step
 * by step, files by a link or a copy. Sealing must rest meanwhile, so that no sample is in both or in neither. Throws
 * SMX_STORE_FAILED where the disk has no room.
 */
export async function stageBackup(options: StageOptions): Promise<Staged> {
  const { folder, now, secrets, store, history, segments } = options;
  makeRoom(folder);
  const stage = join(folder, `${STAGE}${now}`);
  const names: string[] = [];
  const copy = (name: string, way: (from: string, to: string) => void): void => {
    way(join(folder, name), join(stage, name));
    names.push(name);
  };
  try {
    for (const part of ['', 'journal', 'files']) mkdirSync(join(stage, part), { recursive: true, mode: 0o700 });
    await history.backup(join(stage, HISTORY.file));
    names.push(HISTORY.file);
    for (const { seq, bytes } of segments)
      copy(join('journal', segmentName(seq)), (from, to) => {
        copyFileSync(from, to);
        truncateSync(to, bytes);
      });
    // what events and profiles refer to comes after the samples, never before them
    await store.backup(join(stage, STORE.file));
    names.push(STORE.file);
    if (!secrets) dropSecrets(join(stage, STORE.file));
    if (existsSync(join(folder, 'files')))
      for (const name of readdirSync(join(folder, 'files')))
        if (/^\d+-\d+$/.test(name)) copy(join('files', name), linkSync);
    if (secrets && existsSync(join(folder, 'device.key'))) copy('device.key', copyFileSync);
    return { folder: stage, names };
  } catch (error) {
    rmSync(stage, { recursive: true, force: true });
    throw error;
  }
}

/** Takes away what an interrupted backup left. */
export function dropStages(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(STAGE)) rmSync(join(folder, name), { recursive: true });
}

function makeRoom(folder: string): void {
  const needed = [STORE, HISTORY].reduce((sum, { file }) => sum + statSync(join(folder, file)).size, LEAVES);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  throw new SmxError(
    'SMX_STORE_FAILED',
    `a backup needs ${mib(needed)} MiB of free space beside the store while it is made; there are ${mib(bavail * bsize)}`,
  );
}

/** Users and tokens go with what they prove themselves by; the restored box makes its owner anew. */
function dropSecrets(path: string): void {
  const db = new Database(path);
  try {
    db.pragma('secure_delete = ON');
    db.exec('DELETE FROM principals');
  } finally {
    db.close();
  }
}
