import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import type { InstalledExtension, InstanceConfig, InstanceStatus, Isolation } from '@smx-edge/extension-host';
import { describeError } from '@smx-edge/model';
import { INSTALLATION } from '../../version.js';
import { failed, verdict, type Check } from './check.js';
import { TrialBox } from './trial-box.js';

const WRAPPER = join(INSTALLATION, 'apps/smxcore/templates/contract/fault.cjs');
const SECRET = 'contract-4f1b9c-secret';
/** ms; on a busy machine a heap takes a minute until it is at its limit. */
const PATIENCE = 120_000;

interface Fault {
  readonly name: string;
  /** Why the process is ended and started anew; absent where it must live on. */
  readonly ends?: InstanceStatus['code'];
  readonly good: string;
  /** Besides that: what must hold in the end. */
  readonly holds?: (box: TrialBox) => boolean;
}

const logs = (box: TrialBox): string => JSON.stringify([box.logged, box.status, box.store.events]);

const FAULTS: readonly Fault[] = [
  {
    name: 'callback',
    good: 'an exception in a callback is logged once, counted, and ends nothing',
    holds: (box) =>
      box.status.counters.exceptions > 3 &&
      box.logged.filter(({ message }) => message.includes('contract: a callback threw')).length === 1,
  },
  { name: 'timer', ends: 'SMX_EXTENSION_DIED', good: 'an exception in a timer ends the process, and it came back' },
  {
    name: 'emitter',
    ends: 'SMX_EXTENSION_DIED',
    good: 'an error nobody listens to ends the process, and it came back',
  },
  { name: 'leak', ends: 'SMX_EXTENSION_LIMIT', good: 'a leak ends at the memory limit, and it came back' },
  { name: 'spin', ends: 'SMX_EXTENSION_TIMEOUT', good: 'a process that spins is ended, and it came back' },
  {
    name: 'flood',
    good: 'a flood of values is held back at the limit, and the instance shown degraded',
    holds: (box) => box.seen.some(({ state }) => state === 'degraded'),
  },
  {
    name: 'undeclared',
    good: 'values that were not declared or are not allowed are refused and shown',
    holds: (box) =>
      box.status.refusals.some((text) => text.includes('contract-never')) &&
      box.status.refusals.some((text) => text.includes('contract-outside')) &&
      !box.paths().some((path) => path.endsWith('contract-never') || path.endsWith('contract-outside')),
  },
  {
    name: 'secret',
    good: 'a secret of the config is masked in log and output',
    holds: (box) =>
      logs(box).includes('logged ***') && logs(box).includes('printed ***') && !logs(box).includes(SECRET),
  },
];

export interface FaultTrial {
  readonly extension: InstalledExtension;
  readonly config: Readonly<Record<string, unknown>>;
  /** What the package declared when nothing was wrong. */
  readonly paths: readonly string[];
  readonly isolation: Isolation;
}

/** A copy of the package with the wrapper as its main. Links into the platform stay behind: they are for building only. */
function copyWithFault({ extension, paths }: FaultTrial): { folder: string; publish: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'smx-fault-'));
  const platform = realpathSync(INSTALLATION);
  cpSync(extension.folder, folder, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      if (path !== extension.folder && ['.git', 'var'].includes(basename(path))) return false;
      const real = realpathSync(path);
      return real.startsWith(extension.folder) || !real.startsWith(platform);
    },
  });
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  // what it publishes otherwise, and no more: `#` would allow the fault
  const publish = ['contract-value', ...new Set(paths.map((path) => path.slice(path.indexOf('/') + 1)))];
  const smx = {
    ...extension.manifest,
    permissions: { ...extension.manifest.permissions, publish },
    config: 'contract-config.json',
  };
  writeFileSync(file, JSON.stringify({ ...manifest, main: 'contract-fault.cjs', smx }));
  writeFileSync(
    join(folder, 'contract-main.json'),
    JSON.stringify({ main: relative(extension.folder, extension.main) }),
  );
  writeFileSync(join(folder, 'contract-config.json'), JSON.stringify(schemaWithFault(extension.configSchema)));
  cpSync(WRAPPER, join(folder, 'contract-fault.cjs'));
  return { folder, publish };
}

function schemaWithFault(schema: object = { type: 'object' }): object {
  const properties = 'properties' in schema ? (schema.properties as object) : {};
  return {
    ...schema,
    properties: {
      ...properties,
      'contract-fault': { type: 'string' },
      'contract-secret': { type: 'string', format: 'secret' },
    },
  };
}

/** Each fault once beside the package: what the host does, and whether the package comes back by itself. */
export async function* tryFaults(trial: FaultTrial): AsyncGenerator<Check> {
  const { folder, publish } = copyWithFault(trial);
  const permissions = { ...trial.extension.manifest.permissions, publish };
  try {
    for (const fault of FAULTS) {
      const config = { ...trial.config, 'contract-fault': fault.name, 'contract-secret': SECRET };
      const instance = { use: trial.extension.use, config, allow: permissions };
      yield await tryFault(fault, { folder, instance, trial });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryFault(
  fault: Fault,
  at: { folder: string; instance: InstanceConfig; trial: FaultTrial },
): Promise<Check> {
  const { folder, instance, trial } = at;
  const box = new TrialBox({
    folder,
    isolation: trial.isolation,
    // a spinning process is to be found in seconds, a flood is to be seen and not yet ended
    watchdog: fault.name === 'spin' ? { ping: 200, silence: 2000 } : { overload: 600_000 },
  });
  const name = `fault: ${fault.name}`;
  try {
    await box.start(instance);
    const ok = await box.until(() => settled(fault, box, trial.paths), PATIENCE);
    const { state, reason = '', restarts } = box.status;
    return verdict(
      { part: 'host', name, ok },
      fault.good,
      `not so within ${PATIENCE / 1000} s: ${state} ${reason} after ${restarts} restarts, with ${box.paths().length} points`,
    );
  } catch (error) {
    return failed('host', name, describeError(error));
  } finally {
    await box.stop();
    box.close();
  }
}

function settled(fault: Fault, box: TrialBox, paths: readonly string[]): boolean {
  const { seen, status } = box;
  if (fault.ends === undefined) {
    if (status.restarts > 0) return false;
  } else {
    const ended = seen.findIndex(({ code }) => code === fault.ends);
    if (ended < 0 || !seen.slice(ended).some(({ state, restarts }) => state === 'running' && restarts > 0))
      return false;
  }
  const here = new Set(box.paths());
  return paths.every((path) => here.has(path)) && (fault.holds?.(box) ?? true);
}
