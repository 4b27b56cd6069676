import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { childEnv, nodeFlags, readableFiles, type ProcessPlan } from './command-line.js';
import type { Launch } from './instance-process.js';

/** How an installed third-party package is kept apart, beyond Node's own permission model. */
export interface Isolation {
  /** Path of bubblewrap; undefined where the box has none. */
  readonly bubblewrap?: string;
  /** Another uid for such packages, where the core may change it. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Finds an executable on PATH. */
function executable(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not here; the next folder may have it
    }
  }
  return undefined;
}

/** What this box offers: bubblewrap where it is installed and the kernel lets it work (a container may not). */
export function detectIsolation(): Isolation {
  const bubblewrap = executable('bwrap');
  if (bubblewrap === undefined) return {};
  const probe = spawnSync(
    bubblewrap,
    ['--ro-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--', process.execPath, '-v'],
    {
      timeout: 5000,
      stdio: 'ignore',
      env: {},
    },
  );
  return probe.status === 0 ? { bubblewrap } : {};
}

/** The plain launch: the permission model only. First-party instances always run so. */
export function plainLaunch(plan: ProcessPlan): Launch {
  return {
    command: process.execPath,
    args: [...nodeFlags(plan), plan.child],
    cwd: plan.folder,
    env: childEnv(),
    wrapped: false,
  };
}

/** The launch of an installed package, and whether it is isolated from the core's own files and processes. */
export function sandboxedLaunch(plan: ProcessPlan, isolation: Isolation): { launch: Launch; isolated: boolean } {
  const plain = plainLaunch(plan);
  const { bubblewrap, uid, gid } = isolation;
  if (bubblewrap !== undefined) {
    const args = [...bubblewrapArgs(plan), process.execPath, ...plain.args];
    return { launch: { ...plain, command: bubblewrap, args, wrapped: true }, isolated: true };
  }
  if (uid !== undefined && process.getuid?.() === 0)
    return { launch: { ...plain, uid, gid: gid ?? uid }, isolated: true };
  return { launch: plain, isolated: false };
}

/** A view of the box with the system's libraries, the package and nothing else; own pids, so that no signal leaves. */
function bubblewrapArgs(plan: ProcessPlan): string[] {
  const readOnly = [
    '/usr',
    '/lib',
    '/lib64',
    '/bin',
    '/etc/ssl',
    '/etc/resolv.conf',
    '/etc/hosts',
    '/etc/nsswitch.conf',
    '/etc/localtime',
  ];
  const own = [dirname(process.execPath), ...readableFiles(plan)];
  return [
    '--die-with-parent',
    '--new-session',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    ...(plan.permissions.network || plan.permissions.listen ? [] : ['--unshare-net']),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    ...[...readOnly, ...own].flatMap((path) => ['--ro-bind-try', path, path]),
    ...plan.permissions.files.flatMap((file) => ['--bind-try', resolve(plan.folder, file), resolve(plan.folder, file)]),
    // serial lines come over a socket of the port process
    ...(plan.permissions.serial ? ['--bind-try', plan.runDir, plan.runDir] : []),
    '--chdir',
    plan.folder,
    '--',
  ];
}
