import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the sockets of ports stand. */
export interface RunFolder {
  readonly path: string;
  remove(): void;
}

/** `run` of the data folder; a temporary one where the disk of that is read-only, so that meters are read all the same. */
export function openRunFolder(dataFolder: string): RunFolder {
  const own = join(dataFolder, 'run');
  try {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    chmodSync(own, 0o700);
    return { path: own, remove: () => undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EROFS') throw error;
    const path = mkdtempSync(join(tmpdir(), 'smx-run-'));
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
  }
}
