import { statfsSync } from 'node:fs';

/** Space that samples leave to events, load profiles, commands and the ledger, and the part of a small disk that is as much. */
const LEFT = 4 * 2 ** 20;
const LEFT_OF_SMALL = 1 / 32;

/** Throws ENOSPC where `bytes` more of samples would take the last of the disk that holds `folder`: samples are refused first. */
export function takeRoom(folder: string, bytes: number): void {
  const { blocks, bavail, bsize } = statfsSync(folder);
  // where a file system tells no size it tells no room either
  if (blocks === 0) return;
  const left = Math.min(LEFT, LEFT_OF_SMALL * blocks * bsize);
  if (bavail * bsize - bytes >= left) return;
  const message = 'what is left of the disk is kept for events, load profiles, commands and the ledger';
  throw Object.assign(new Error(message), { code: 'ENOSPC' });
}
