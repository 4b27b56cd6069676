import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const FILE = 'ballast';
const SIZE = 16 * 2 ** 20;
/** Free space from which a reserve is laid in: it must never be what fills the disk. */
const ENOUGH = 4 * SIZE;
/** Less free space counts as none. */
const FULL = 2 * 2 ** 20;

/**
 * 16 MiB of a reserve. On a full disk SQLite can neither delete nor empty its log, so the way out must be kept open:
 * the reserve is given up when a write fails of space, and laid in again once there is room. Given up, the file is there
 * and empty, so that the next start knows it too.
 */
export class Ballast {
  private readonly path: string;
  private readonly part: string;

  constructor(private readonly folder: string) {
    this.path = join(folder, FILE);
    this.part = `${this.path}.new`;
  }

  /**
   * Gives the reserve up where the disk is full; `isRefused`: a write failed of space, as one does with megabytes free
   * where it was larger, or where a quota of the user ended it. Throws what the file system throws.
   */
  relieve(isRefused = false): void {
    if (!isRefused && this.free >= FULL) return;
    rmSync(this.part, { force: true });
    if ((this.size ?? 0) > 0) truncateSync(this.path);
  }

  /** Lays the reserve in where it is not there; false where it was given up and there is no room for it yet. */
  restore(): boolean {
    const { size } = this;
    if (size === SIZE) return true;
    if (this.free < ENOUGH) return size === undefined;
    try {
      fill(this.part);
      renameSync(this.part, this.path);
    } catch (error) {
      rmSync(this.part, { force: true });
      throw error;
    }
    return true;
  }

  private get size(): number | undefined {
    return statSync(this.path, { throwIfNoEntry: false })?.size;
  }

  private get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }
}

function fill(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const piece = Buffer.alloc(2 ** 18);
    for (let at = 0; at < SIZE;) at += writeSync(file, piece, 0, Math.min(piece.length, SIZE - at));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
