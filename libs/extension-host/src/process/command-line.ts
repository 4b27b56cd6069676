import { dirname, resolve } from 'node:path';
import type { GrantedPermissions } from '../packages/manifest.js';

export interface ProcessPlan {
  /** Bundle of the child's main. */
  readonly child: string;
  /** Folder of the extension. */
  readonly folder: string;
  readonly permissions: GrantedPermissions;
  /** Folder of the port process's sockets. */
  readonly runDir: string;
  /** Memory limit of the process, bytes. */
  readonly memory: number;
  /** Files that the operator's config names in its sources, by absolute path. */
  readonly sources?: readonly string[];
}

const MIB = 1 << 20;

/** What the process may read: its main, its package, and files its manifest asks for; all by real path. */
export function readableFiles({ child, folder, permissions, sources = [] }: ProcessPlan): string[] {
  // the loader looks for the package.json above a file to learn its module kind
  const scope = resolve(dirname(child), '../package.json');
  return [
    child,
    // what an instance of one kind of source loads besides
    ...['mqtt', 'modbus', 'ws'].map((name) => resolve(dirname(child), `${name}.bundle.js`)),
    resolve(dirname(child), 'package.json'),
    scope,
    folder,
    ...permissions.files.map((file) => resolve(folder, file)),
    ...sources,
  ];
}

const has = (flag: string): boolean => process.allowedNodeEnvironmentFlags.has(flag);

/** Node's flags for an instance: the permission model and a heap that fits below the memory limit. */
export function nodeFlags(plan: ProcessPlan): string[] {
  const heap = Math.max(16, Math.floor((plan.memory * 0.8) / MIB));
  return [
    // Node 20 knows the flag by its first name only
    has('--permission') ? '--permission' : '--experimental-permission',
    ...readableFiles(plan).map((file) => `--allow-fs-read=${file}`),
    ...plan.permissions.files.map((file) => `--allow-fs-write=${resolve(plan.folder, file)}`),
    // from Node 25 on the model covers the network as well; the port process is reached by a socket too
    ...(has('--allow-net') ? ['--allow-net'] : []),
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    `--max-old-space-size=${heap}`,
    '--max-semi-space-size=1',
    '--v8-pool-size=1',
    // machine code of what runs seldom: half a megabyte; what runs often is compiled all the same
    '--no-sparkplug',
  ];
}

/** One heap of libc for the few threads of an instance, which gives back what is free at its end: some 2 MB less. */
const LEAN_LIBC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_TOP_PAD_: '16384' };

/** Nothing of the core's environment but what a program needs to tell time and names. */
export function childEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { UV_THREADPOOL_SIZE: '2', ...LEAN_LIBC };
  for (const name of ['PATH', 'TZ', 'LANG']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
