import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'ballast';
const SIZE = 16 * 2 ** 20;
/** Free space from which a reserve is laid in: it must never be what fills the disk. */
const ENOUGH = 4 * SIZE;
/** Less free space counts as none. */
const FULL = 2 * 2 ** 20;

/**
 * 16 MiB of a reserve. On a full disk SQLite can neither delete nor empty its log, so the way out must be kept open:
 * the reserve is given up when a write fails of space, and laid in again once there is room.
 */
export class Ballast {
  private readonly path: string;
  private given = false;

  constructor(private readonly folder: string) {
    this.path = join(folder, FILE);
  }

  /** Gives the reserve up where the disk is full. */
  relieve(): void {
    if (this.free >= FULL || !existsSync(this.path)) return;
    rmSync(this.path);
    this.given = true;
  }

  /** Lays the reserve in where it is not there; false where it was given up and there is no room for it yet. */
  restore(): boolean {
    if (existsSync(this.path)) return true;
    if (this.free < ENOUGH) return !this.given;
    const file = openSync(this.path, 'w', 0o600);
    try {
      const piece = Buffer.alloc(2 ** 18);
      for (let at = 0; at < SIZE; at += piece.length) writeSync(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.given = false;
    return true;
  }

  private get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }
}
