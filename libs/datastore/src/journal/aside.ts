import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from './segment-file.js';

const ASIDE = 'aside-';

/** Removes segments that were set aside. */
export function dropAside(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(ASIDE)) rmSync(join(folder, name), { recursive: true });
}

/**
 * Takes segments away whose handles mean other points now; gives their bytes. Only the latest set is kept, for an expert
 * to look at.
 */
export function setAside(folder: string, names: readonly string[], epoch: number): number {
  dropAside(folder);
  const aside = join(folder, `${ASIDE}${epoch}`);
  mkdirSync(aside, { mode: 0o700 });
  let bytes = 0;
  for (const name of names) {
    bytes += statSync(join(folder, name)).size;
    renameSync(join(folder, name), join(aside, name));
  }
  syncFolder(folder);
  return bytes;
}
