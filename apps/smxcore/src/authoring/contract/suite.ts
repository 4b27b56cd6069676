import { statSync } from 'node:fs';
import {
  checkInstance,
  detectIsolation,
  findExtensions,
  type InstalledExtension,
  type Isolation,
  type Permissions,
} from '@smx-edge/extension-host';
import { ProfileBook } from '@smx-edge/extension-api/runtime';
import { BAD, describeError, SmxError, type ErrorDetail } from '@smx-edge/model';
import { failed, held, verdict, type Check } from './check.js';
import { tryFaults } from './faults.js';
import { TrialBox } from './trial-box.js';

export interface SuiteOptions {
  /** Folder of the package. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** How long the package is watched, ms. */
  readonly watch: number;
}

const START_MS = 40_000;
const MIB = 1 << 20;
const NO_SUCH_KEY = 'smx-no-such-key';

/** The package of a folder. Throws SMX_EXTENSION_UNKNOWN where it has no `smx` section. */
export function packageAt(folder: string): InstalledExtension {
  const found = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? findExtensions([folder], '') : [];
  const [extension] = found;
  if (extension === undefined)
    throw new SmxError('SMX_EXTENSION_UNKNOWN', `${folder} holds no package.json with an "smx" section`);
  return extension;
}

/** Runs the contract suite: gives each check as it is done. */
export async function* contractSuite(o: SuiteOptions): AsyncGenerator<Check> {
  const extension = packageAt(o.folder);
  const wrong = packageFault(extension, o.config);
  if (wrong !== undefined) {
    yield wrong;
    return;
  }
  yield held('package', 'package', `manifest, API range ${extension.manifest.api} and config are as the contract says`);
  const first = misspelt(extension, o.config);
  yield first;
  const isolation = detectIsolation();
  const lived: Lived = { paths: undefined };
  let sound = first.ok;
  for await (const check of life(extension, {
    ...o,
    isolation,
    state: new Map(),
    profiles: new ProfileBook(),
    lived,
  })) {
    sound &&= check.ok;
    yield check;
  }
  // what the package does wrong by itself could not be told from the fault beside it
  if (sound && lived.paths !== undefined)
    yield* tryFaults({ extension, config: o.config, paths: lived.paths, isolation });
}

function packageFault(extension: InstalledExtension, config: SuiteOptions['config']): Check | undefined {
  if (extension.problem !== undefined) return failed('package', 'package', extension.problem.message);
  if (statSync(extension.main, { throwIfNoEntry: false }) === undefined)
    return failed('package', 'package', `its main ${extension.main} is not there; build it first (npm run build)`);
  const [first] = faultsOf(extension, config);
  if (first === undefined) return undefined;
  return failed(
    'package',
    'package',
    `the config does not fit: ${first.path}: ${first.expected}; give one with --values`,
  );
}

/** Faults of a config, with all allowed that the package asks. */
const faultsOf = (extension: InstalledExtension, config: unknown): readonly ErrorDetail[] =>
  checkInstance(extension, config, allOf(extension));

const allOf = ({ manifest }: InstalledExtension): Permissions => manifest.permissions ?? {};

function misspelt(extension: InstalledExtension, config: SuiteOptions['config']): Check {
  const refused = faultsOf(extension, { ...config, [NO_SUCH_KEY]: 1 }).length > 0;
  return verdict(
    { part: 'package', name: 'config', ok: refused },
    'a misspelt key of the config is an error',
    'a misspelt key of the config goes unnoticed; add a config schema with "additionalProperties": false',
  );
}

interface Lived {
  /** What it declared; undefined where it did not come up. */
  paths: readonly string[] | undefined;
}

type Life = SuiteOptions & {
  readonly isolation: Isolation;
  readonly state: Map<string, unknown>;
  readonly profiles: ProfileBook;
  readonly lived: Lived;
};

/** Start, watch, stop, and start again: the package alone. */
async function* life(extension: InstalledExtension, o: Life): AsyncGenerator<Check> {
  const instance = { use: extension.use, config: o.config, allow: allOf(extension) };
  const { folder, isolation, state: kept, profiles } = o;
  const box = new TrialBox({ folder, isolation, state: kept, profiles });
  try {
    await box.start(instance);
    await box.until(() => !['starting', 'stopped'].includes(box.status.state), START_MS);
    const { state, reason = 'it said nothing' } = box.status;
    if (state !== 'running') {
      yield failed('package', 'start', `${state}: ${reason}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, o.watch));
    yield* conduct(box, o);
    o.lived.paths = box.paths();
    yield stopped(await box.stop(), box);
  } finally {
    await box.stop();
    box.close();
  }
  yield await again(instance, o);
  yield await ownTest(extension, o);
}

/** What can be said of it after it ran for a while. */
function* conduct(box: TrialBox, o: Life): Generator<Check> {
  const part = 'package';
  const { status, logged, live } = box;
  const { counters, refusals, devices, restarts, memory = 0 } = status;
  const paths = box.paths();
  const up = status.state === 'running' && restarts === 0;
  const valued = paths.filter((path) => live.reading(live.handleOf(path)!).quality < BAD);
  yield verdict(
    { part, name: 'start', ok: up && (devices.length > 0 || status.status !== undefined) },
    `runs with ${devices.length} devices and ${paths.length} points, ${valued.length} of them with a value`,
    up ? 'it shows neither a device nor a status' : `${status.state}: ${status.reason ?? 'it was started anew'}`,
  );
  const thrown = logged.find(({ message }) => message.startsWith('exception in '))?.message ?? '';
  yield verdict(
    { part, name: 'exceptions', ok: counters.exceptions === 0 },
    'no callback threw',
    `${counters.exceptions} exceptions; the first: ${thrown}`,
  );
  yield verdict(
    { part, name: 'writes', ok: refusals.length === 0 && counters.rejected === 0 },
    'every value was declared and allowed',
    `${counters.rejected} refused: ${refusals.join('; ')}`,
  );
  const profiles = box.store.profiles.definitions();
  if (profiles.length > 0) {
    const rows = profiles.reduce((sum, { device, id }) => sum + box.store.profiles.rows(`${device}/${id}`).length, 0);
    yield held(part, 'profiles', `${profiles.length} load profiles with ${rows} rows`);
  }
  yield verdict(
    { part, name: 'rate', ok: counters.throttled === 0 && !box.seen.some(({ state }) => state === 'degraded') },
    `${Math.round((counters.samples * 1000) / Math.max(1, o.watch))} samples a second`,
    'it sends more than its limits allow; send less often, or what has changed only',
  );
  const told = logged.find(({ message, fields }) => JSON.stringify([message, fields]).includes('***'));
  yield verdict(
    { part, name: 'secrets', ok: told === undefined && status.status?.text?.includes('***') !== true },
    'no secret of its config in log or status',
    `it tells a secret of its config (the host masked it): ${told?.message ?? status.status?.text ?? ''}`,
  );
  yield held(part, 'memory', `${(memory / MIB).toFixed(0)} MiB`);
}

function stopped(ms: number, box: TrialBox): Check {
  const { state, reason } = box.status;
  return verdict(
    { part: 'package', name: 'stop', ok: state === 'stopped' && reason === undefined },
    `ends by itself in ${(ms / 1000).toFixed(1)} s`,
    `${state}: ${reason ?? ''}; end everything that onStop does within 5 s, and keep no loop running`,
  );
}

/** A second start on what the first one kept. */
async function again(instance: { use: string; config: unknown }, o: Life): Promise<Check> {
  const { paths = [] } = o.lived;
  const { folder, isolation, state, profiles } = o;
  const box = new TrialBox({ folder, isolation, state, profiles });
  try {
    await box.start(instance);
    const same = (): boolean => {
      const here = new Set(box.paths());
      return box.status.state === 'running' && paths.every((path) => here.has(path));
    };
    const ok = await box.until(same, START_MS);
    // what the first run kept must be taken for the same by the second
    const told = box.status.refusals.find((refusal) => refusal.includes('kept with other content'));
    if (told !== undefined)
      return failed('package', 'again', `a second start gives other rows for the same ends: ${told}`);
    return verdict(
      { part: 'package', name: 'again', ok },
      'starts again with the same points',
      `a second start shows ${box.paths().length} of ${paths.length} points: ${box.status.state} ${box.status.reason ?? ''}`,
    );
  } finally {
    await box.stop();
    box.close();
  }
}

/** Its own `test`: any answer in time will do, since the device may be elsewhere. */
async function ownTest(extension: InstalledExtension, o: Life): Promise<Check> {
  const box = new TrialBox({ folder: o.folder, isolation: o.isolation });
  try {
    const answer = await box.host.test(extension.use, o.config, extension.manifest.permissions ?? {});
    return held('package', 'test', `${answer.ok ? 'ok' : 'not ok'}: ${answer.text}`);
  } catch (error) {
    return failed('package', 'test', describeError(error));
  } finally {
    await box.stop();
    box.close();
  }
}
