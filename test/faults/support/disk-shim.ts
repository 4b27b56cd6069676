import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

const SOURCE = join(process.cwd(), 'test/faults/shim/disk-shim.c');
const BUILT = join(process.cwd(), '.build/faults');

/** So many calls fail with EIO, from the n-th on. */
export interface Failing {
  readonly what: 'sync' | 'write';
  readonly from: number;
  readonly count: number;
}

export interface ShimOptions {
  /** The files that are watched. */
  readonly folder: string;
  /** Where the undo log goes, and links to each file: on the file system of `folder`. */
  readonly undo?: { readonly log: string; readonly keep: string };
  /** Syncs answer well and do nothing. */
  readonly lies?: boolean;
  readonly failing?: Failing;
}

/** The shim, compiled once per content; gives its path. */
export function buildShim(): string {
  const name = `disk-shim-${createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16)}`;
  const [path, part] = [join(BUILT, `${name}.so`), join(BUILT, `${name}.${process.pid}`)];
  mkdirSync(BUILT, { recursive: true });
  const args = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-pthread', '-o', part, SOURCE, '-ldl'];
  const { status, stderr } = spawnSync('gcc', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc could not build the shim: ${stderr}`);
  renameSync(part, path);
  return path;
}

/** Environment of a process whose files of `folder` are on such a disk. */
export function shimEnv(shim: string, { folder, undo, lies, failing }: ShimOptions): Record<string, string> {
  return {
    LD_PRELOAD: shim,
    SMX_SHIM_FOLDER: folder,
    ...(undo === undefined ? {} : { SMX_SHIM_LOG: undo.log, SMX_SHIM_KEEP: undo.keep }),
    ...(lies === true ? { SMX_SHIM_LIE: '1' } : {}),
    ...(failing === undefined ? {} : { SMX_SHIM_FAIL: `${failing.what}:${failing.from}:${failing.count}` }),
  };
}
