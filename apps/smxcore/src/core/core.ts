import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { SmxError, Zone, describeError, systemClock, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { Gate, LoginGuard, Principals, type Roles } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { ExtensionHost } from '@smx-edge/extension-host';
import { Links, LocalBroker } from '@smx-edge/northbound';
import {
  configError,
  problemText,
  shownFile,
  type Config,
  type DoorConfig,
  type Loaded,
  type Problem,
} from '../config/index.js';
import type { Doors, PartState } from '../http/doors.js';
import { startHttp } from '../http/server.js';
import { Sessions } from '../http/session/sessions.js';
import { VERSION } from '../version.js';
import { BoxDevice } from './box-device.js';
import { BrokerPart } from './broker-part.js';
import { BoxHealth, type HealthSources } from './health.js';
import { extensionFolders, planInstances, type InstancePlan } from './instances.js';
import { LinkMemory } from './link-memory.js';
import { LinkPart } from './link-part.js';
import { planLinks } from './link-plan.js';
import { Metrics } from './metrics.js';
import { LOCAL, LocalProof } from './proof.js';
import { ledgerRoles } from './role-ledger.js';
import { loadRoles } from './roles.js';
import { RunFile } from './run-file.js';
import { SetupCode } from './setup-code.js';

/** Requests per second of one principal at the API. */
const RATE = 100;
/** How long extensions may take to stop, ms; the whole core has 10 s. */
const STOP_TIME = 7_000;

export interface CoreOptions {
  readonly loaded: Loaded;
  readonly log: Log;
  readonly clock?: Clock;
}

/** A running core. */
export interface Core {
  readonly url: string;
  /** Undefined where it is off or not up. */
  readonly broker: { readonly host: string; readonly port: number } | undefined;
  readonly principals: Principals;
  readonly roles: Roles;
  /** For who runs the core in process: samples and events may be put in without an extension. */
  readonly store: Store;
  ready(): boolean;
  /** Whether the store still answers: the sign of life for a watchdog. */
  works(): Promise<boolean>;
  /** Ends in reverse order of the start; within 10 s. */
  stop(): Promise<void>;
}

/** What was started, ended in reverse order; one part that fails to end does not keep the others up. */
class Ends {
  private readonly ends: { readonly what: string; readonly end: () => void | Promise<void> }[] = [];

  constructor(private readonly log: Log) {}

  add(what: string, end: () => void | Promise<void>): void {
    this.ends.push({ what, end });
  }

  async run(): Promise<void> {
    for (const { what, end } of this.ends.splice(0).reverse())
      try {
        await end();
      } catch (error) {
        this.log.error(`${what} did not end cleanly`, { error: describeError(error) });
      }
  }
}

/**
 * Builds and starts the box: store, gate, broker, HTTP, extensions. Only a data folder or an HTTP address that cannot be
 * used is an error; everything else that is broken is a state of the running core.
 */
export async function startCore({ loaded, log, clock = systemClock }: CoreOptions): Promise<Core> {
  const { config, document } = loaded;
  if (config === undefined || document === undefined) throw configError(loaded.problems);
  const ends = new Ends(log);
  try {
    return await compose({ config, loaded, document, log, clock, ends });
  } catch (error) {
    await ends.run();
    throw error;
  }
}

interface Building {
  readonly config: Config;
  readonly loaded: Loaded;
  readonly document: NonNullable<Loaded['document']>;
  readonly log: Log;
  readonly clock: Clock;
  readonly ends: Ends;
}

async function compose({ config, loaded, document, log, clock, ends }: Building): Promise<Core> {
  const since = clock.now();
  const zone = new Zone(config.timezone);
  const { roles, problems: roleProblems, warnings } = loadRoles(config);
  const plan = planInstances(config, document, loaded.problems);
  const linkPlan = planLinks(config, document, roles);
  const problems = [...loaded.problems, ...roleProblems, ...plan.problems, ...linkPlan.problems];
  for (const problem of problems)
    log.error('the config has a fault', { code: problem.code, problem: problemText(problem) });
  for (const warning of warnings)
    log.warn('a role undoes what it holds back', { code: warning.code, problem: problemText(warning) });

  const { flush, budget, raw } = config.history;
  const store = await Store.open({ dir: config.data, clock, zone, log, flush, budget, raw });
  ends.add('the store', () => store.close());
  const proof = new LocalProof(config.data);
  ends.add('the local secret', () => proof.close());

  const gate = new Gate({ live: store.live, clock, zone, history: store, ledger: store, log });
  ends.add('the gate', () => gate.close());
  gate.setRoles(roles);
  await ledgerRoles({ roles, store, clock, log });
  const reserved = config.named.map(({ name }) => name);
  const principals = new Principals({ store, clock, ledger: store, roles: () => roles, reserved: () => reserved });
  ends.add('the principals', () => principals.close());
  const following = admitPrincipals({ gate, principals, clock });
  ends.add('the principals of the gate', () => following.dispose());

  const logins = new LoginGuard({ book: principals, clock, deny: (who, what) => gate.deny(who, what) });
  ends.add('the logins', () => logins.close());
  const sessions = new Sessions({ principals, clock });
  ends.add('the sessions', () => sessions.close());
  const setup = new SetupCode({ dataFolder: config.data, principals, logins, gate, log });
  ends.add('the set-up code', () => setup.close());

  const broker = openBroker(config.broker, { config, gate, principals, store, clock, log, boot: since });
  const brokerPart = new BrokerPart(broker, { clock, log });
  ends.add('the broker', () => brokerPart.stop());
  await brokerPart.start();

  const links = openLinks({ config, gate, principals, store, clock, log, boot: since }, problems);
  ends.add('the links', () => links.stop());

  const brokerAddress = (): Core['broker'] => (brokerPart.status.ok ? broker?.address : undefined);

  const host = new ExtensionHost({
    live: store.live,
    gate,
    store,
    clock,
    log,
    folders: extensionFolders(config),
    runDir: join(config.data, 'run'),
    zone: config.timezone,
    site: config.site,
  });
  let started = false;
  const health = new BoxHealth({
    site: config.site,
    since,
    problems,
    store: () => storeState(store),
    broker: () => brokerPart.status,
    links: () => links.part.status(),
    extensions: () => (started ? hostState(host) : undefined),
  });
  const answered = new Map<string, number>();
  const metrics = new Metrics({
    live: store.live,
    store: () => storeState(store),
    clients: () => broker?.clients,
    sessions: () => sessions.size,
    forms: () => gate.formCount,
    instances: () => host.list(),
    problems: answered,
  });
  ends.add('the metrics', () => metrics.close());
  const doors: Doors = {
    gate,
    principals,
    proof,
    logins,
    sessions,
    setup,
    ledger: store,
    problems: answered,
    metrics,
    events: store,
    profiles: store.profiles,
    instances: host,
    links: links.part,
    workshop: host,
    health,
    zone,
    clock,
    log,
    rate: RATE,
    option: optionOf(config.file),
  };
  const http = await startHttp(config.http, doors);
  ends.add('the HTTP API', () => http.stop());
  log.info('the core listens', { http: http.url, broker: brokerPart.status.text, site: config.site, version: VERSION });

  const box = new BoxDevice({ live: store.live, clock, log, dataFolder: config.data });
  ends.add('the box device', () => box.stop());
  box.start();
  const runFile = new RunFile(config.data);
  ends.add('the run file', () => runFile.close());
  runFile.write({ pid: process.pid, http: http.url, broker: brokerAddress() ?? null });

  ends.add('the extensions', () => within(STOP_TIME, host.stop()));
  await startInstances({ host, plan: withoutTaken(plan.start, principals), log });
  started = true;
  // last, so that what a party gets first is not an empty house
  links.part.start(linkPlan.start);
  links.part.clear(new LinkMemory({ config, clock, log }).renew());
  return {
    url: http.url,
    get broker() {
      return brokerAddress();
    },
    principals,
    roles,
    store,
    ready: () => health.ready(),
    works: () => answers(store, clock),
    stop: () => ends.run(),
  };
}

/** How commands find this box from where it was started; who only sees the page is not told paths of this machine. */
function optionOf(file: string): string {
  const shown = shownFile(file);
  if (shown === 'config/smx.yaml') return '';
  return ` --config ${isAbsolute(shown) ? 'FILE' : shown}`;
}

/** An instance under the name of a token would act, and be acted for, as that party: it is refused, visibly. */
function withoutTaken(plan: InstancePlan['start'], principals: Principals): InstancePlan['start'] {
  const taken = new Set(principals.list().map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(plan).map(([name, instance]) => {
      if (!taken.has(name)) return [name, instance];
      const text = `the name "${name}" is taken by a user or token; rename the instance or revoke \`${name}\``;
      return [name, { use: instance.use, problem: new SmxError('SMX_ACCESS_NAME_TAKEN', text) }];
    }),
  );
}

/** Instances fail one by one as states of their own; a host that fails as a whole leaves the rest of the box up. */
async function startInstances(job: {
  host: ExtensionHost;
  plan: Parameters<ExtensionHost['start']>[0];
  log: Log;
}): Promise<void> {
  try {
    await job.host.start(job.plan);
  } catch (error) {
    job.log.error('the extensions could not be started', { error: describeError(error) });
  }
}

/** Puts who may ask into the gate, now and as it changes. */
function admitPrincipals({
  gate,
  principals,
  clock,
}: {
  gate: Gate;
  principals: Principals;
  clock: Clock;
}): Disposable {
  gate.putPrincipal({ name: LOCAL, kind: 'local', role: 'owner', created: clock.now() });
  for (const record of principals.list())
    if (record.expires === undefined || record.expires > clock.now()) gate.putPrincipal(record);
  return principals.onChange((kind, record) => {
    if (kind === 'added') gate.putPrincipal(record);
    else gate.removePrincipal(record.name);
  });
}

interface BrokerParts {
  readonly config: Config;
  readonly gate: Gate;
  readonly principals: Principals;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly boot: number;
}

function openBroker(door: DoorConfig | null, parts: BrokerParts): LocalBroker | undefined {
  if (door === null) return undefined;
  const { config, gate, principals, store, clock, log, boot } = parts;
  const files = door.tls;
  return new LocalBroker({
    host: door.host,
    port: door.port,
    ...(files === null
      ? {}
      : { tls: () => ({ key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') }) }),
    site: config.site,
    version: VERSION,
    gate,
    principals,
    live: store.live,
    epoch: store.epoch,
    ledger: store,
    clock,
    log,
    boot,
  });
}

function openLinks(parts: BrokerParts, problems: readonly Problem[]): { part: LinkPart; stop(): Promise<void> } {
  const { config, gate, principals, store, clock, log, boot } = parts;
  const { live, epoch } = store;
  const links = new Links({ site: config.site, version: VERSION, gate, live, epoch, ledger: store, clock, log, boot });
  const part = new LinkPart({ links, gate, principals, clock, named: config.named, problems });
  return { part, stop: () => links.stop() };
}

function storeState(store: Store): PartState {
  const { fault } = store;
  return fault === undefined ? { ok: true, text: 'up' } : { ok: false, text: fault.message, code: fault.code };
}

function hostState(host: ExtensionHost): ReturnType<HealthSources['extensions']> {
  const all = host.list();
  return {
    settled: all.every(({ state }) => state !== 'starting'),
    failed: all.filter(({ state }) => state === 'failed' || state === 'quarantined').map(({ id }) => id),
    running: all.filter(({ state }) => state === 'running' || state === 'degraded').length,
  };
}

/** Longest the store's thread may take to answer before the core counts as hung, ms. */
const ANSWER_TIME = 20_000;

async function answers(store: Store, clock: Clock): Promise<boolean> {
  let late: Disposable | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    late = clock.after(ANSWER_TIME, () => resolve(false));
  });
  // a refusal is an answer too: the thread lives, and a full disk is no reason to restart
  const answer = store.stateGet('core', 'alive').then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    late?.dispose();
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new SmxError('SMX_EXTENSION_TIMEOUT', `not all instances stopped within ${ms / 1000} s`)),
      ms,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
