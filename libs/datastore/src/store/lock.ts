import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmxError } from '@smx-edge/model';
import { folderError } from './folder.js';

/**
 * `data/lock` names the one process that has the data folder: pid, start of the process in clock ticks since boot, and
 * boot id, so that neither a reused pid nor a lock from before a reboot keeps a box from starting. It tells quickly and
 * by name; what holds in any case is the lock SQLite has on the database.
 */
export interface FolderLock {
  release(): void;
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets, so it counts from the last one. */
function startTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function holderAlive(text: string): boolean {
  const [pid = '', start, boot] = text.trim().split(' ');
  if (!/^\d+$/.test(pid) || boot !== bootId()) return false;
  const running = startTime(Number(pid));
  return running !== undefined && running === start;
}

/** Takes the lock of `folder`, also from a process that is gone. Throws SMX_STORE_LOCKED, SMX_STORE_FOLDER, SMX_STORE_READONLY. */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, 'lock');
  const own = `${process.pid} ${startTime(process.pid) ?? '0'} ${bootId()}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
      return { release: () => release(path, own) };
    } catch (error) {
      // a box that restarts on a full disk must come up and say so; the lock of the database holds in any case
      if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT'))
        return { release: () => release(path, read(path) ?? '') };
      if (!hasCode(error, 'EEXIST'))
        throw folderError(error, `${path} cannot be written; check the folder's rights and space`);
    }
    const held = read(path);
    if (held === undefined) continue;
    if (holderAlive(held)) throw locked(folder, held);
    try {
      takeAway(path, held);
    } catch (error) {
      throw folderError(error, `${path}, which a process that is gone left there, cannot be removed; check its rights`);
    }
  }
  throw locked(folder, read(path) ?? 'unknown');
}

function locked(folder: string, held: string): SmxError {
  const pid = held.split(' ')[0] ?? 'unknown';
  return new SmxError(
    'SMX_STORE_LOCKED',
    `process ${pid} runs on the data folder ${folder}; stop it or choose another \`data:\``,
  );
}

/** Removes a stale lock without ever removing one that another process has just put in its place. */
function takeAway(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (read(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}
