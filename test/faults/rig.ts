import { accessSync, constants } from 'node:fs';
import type { BenchRow } from '../bench/row.js';

/** How much of it is done: a part in each test run, all that was asked by `npm run faults`. */
export type Extent = 'few' | 'many';

export type RigRow = BenchRow & { readonly better: 'more' | 'less' };

/** A fault that is made on purpose, with an oracle that knows what must have come of it. */
export interface Rig {
  readonly name: string;
  /** Programs without which it cannot be made; empty where a plain Node does. */
  readonly needs: readonly string[];
  /** What else this machine lacks for it, undefined where nothing. */
  readonly lacks?: () => string | undefined;
  run(extent: Extent): Promise<readonly RigRow[]>;
}

/** What this machine lacks for a rig, undefined where it has all. */
export function lacking({ needs, lacks }: Pick<Rig, 'needs' | 'lacks'>): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  const isThere = (program: string): boolean =>
    program.startsWith('/') ? isRunnable(program) : folders.some((folder) => isRunnable(`${folder}/${program}`));
  const missing = needs.filter((program) => !isThere(program));
  return missing.length === 0 ? lacks?.() : missing.join(', ');
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tells on stderr how far a long rig is, once a minute. */
export function progress(what: string): (done: number, all: number) => void {
  let told = performance.now();
  return (done, all) => {
    if (performance.now() - told < 60_000) return;
    told = performance.now();
    process.stderr.write(`${what}: ${done} of ${all}\n`);
  };
}

/** A count that must be 0. */
export const none = (name: string, figure: number, unit = ''): RigRow => most(name, figure, { target: 0, unit });

/** A figure that may be `target` at most. */
export const most = (name: string, figure: number, { target, unit }: { target: number; unit: string }): RigRow => ({
  ...{ name, figure, unit, target, limit: null, better: 'less' },
});

/** A figure that must be `target` at least. */
export const least = (name: string, figure: number, { target, unit }: { target: number; unit: string }): RigRow => ({
  ...{ name, figure, unit, target, limit: null, better: 'more' },
});
