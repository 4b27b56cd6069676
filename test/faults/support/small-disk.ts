import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type DiskKind = 'tmpfs' | 'ext4';

/** So large that the store lays its reserve in, also when it has grown for a while. */
const SIZE = '128m';
const PIECES = [2 ** 20, 2 ** 12, 1];

/** A file system of its own that can be filled to the last byte. */
export class SmallDisk {
  readonly at: string;
  private readonly root = mkdtempSync(join(tmpdir(), 'smx-full-'));
  private readonly fills: string[] = [];

  /** Throws where this machine may not mount. */
  constructor(kind: DiskKind) {
    this.at = join(this.root, 'disk');
    mkdirSync(this.at);
    const image = join(this.root, 'image');
    if (kind === 'ext4') run('mkfs.ext4', '-q', '-m', '0', image, SIZE);
    const what = kind === 'ext4' ? ['-o', 'loop', image] : ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs'];
    try {
      run('mount', ...what, this.at);
    } catch (error) {
      rmSync(this.root, { recursive: true });
      throw error;
    }
  }

  /** A stranger takes all that is free. */
  fill(): void {
    const path = join(this.at, `fill-${this.fills.length}`);
    this.fills.push(path);
    const file = openSync(path, 'w');
    try {
      for (const size of PIECES) writeAll(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  /** The stranger gives it back. */
  free(): void {
    for (const path of this.fills.splice(0)) rmSync(path);
  }

  remove(): void {
    run('umount', '-l', this.at);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Whether this machine may mount such a disk. */
export function canMount(kind: DiskKind): boolean {
  try {
    new SmallDisk(kind).remove();
    return true;
  } catch {
    return false;
  }
}

function writeAll(file: number, piece: Buffer): void {
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
