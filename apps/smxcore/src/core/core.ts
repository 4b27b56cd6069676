import { existsSync } from 'node:fs';
import { Zone, systemClock, type Clock, type Log } from '@smx-edge/model';
import { Gate, type Principals, type Roles } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { ExtensionHost } from '@smx-edge/extension-host';
import { Lanes } from '@smx-edge/northbound';
import { configError, problemText, type Config, type Loaded } from '../config/index.js';
import type { Doors } from '../http/doors.js';
import { startHttp } from '../http/server.js';
import { VERSION } from '../version.js';
import { stayLean } from '../lean-heap.js';
import { BoxDevice } from './box-device.js';
import { BrokerPart } from './broker-part.js';
import { ControlPart } from './control-part.js';
import { Ends } from './ends.js';
import { goodConfigFile, keepGoodConfig } from './good-config.js';
import { BoxHealth } from './health.js';
import { extensionFolders, planInstances } from './instances.js';
import { LinkMemory } from './link-memory.js';
import { planLinks } from './link-plan.js';
import { Metrics } from './metrics.js';
import { openBroker, openLinks } from './northbound-parts.js';
import { LocalProof } from './proof.js';
import { ledgerRoles } from './role-ledger.js';
import { loadRoles } from './roles.js';
import { RunFile } from './run-file.js';
import { openRunFolder } from './run-folder.js';
import { hostState, startInstances, stopInstances } from './start-instances.js';
import { answers, storeState } from './store-state.js';
import { openUsers } from './users.js';

/** Requests per second of one principal at the API. */
const RATE = 100;

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
  const { roles, mayStand, problems: roleProblems, warnings } = loadRoles(config, document);
  const plan = planInstances(config, document, loaded.problems);
  const linkPlan = planLinks(config, document, { roles, mayStand });
  const problems = [...loaded.problems, ...roleProblems, ...plan.problems, ...linkPlan.problems];
  for (const problem of problems)
    log.error('the config has a fault', { code: problem.code, problem: problemText(problem) });
  for (const warning of warnings)
    log.warn('a role undoes what it holds back', { code: warning.code, problem: problemText(warning) });

  const { flush, budget, raw, minutes, keep } = config.history;
  const store = await Store.open({ dir: config.data, clock, zone, log, flush, budget, raw, minutes, keep });
  stayLean();
  store.onFault((fault) => {
    if (fault === undefined) stayLean();
  });
  ends.add('the store', () => store.close());
  if (problems.length === 0) keepGoodConfig(config, log);
  else if (existsSync(goodConfigFile(config.data)))
    log.warn('as it last was without a fault, the config stands beside the store', {
      file: goodConfigFile(config.data),
    });
  const proof = new LocalProof(config.data);
  ends.add('the local secret', () => proof.close());

  const gate = new Gate({
    live: store.live,
    clock,
    zone,
    history: store,
    profiles: store.profiles,
    ledger: store,
    log,
  });
  ends.add('the gate', () => gate.close());
  gate.setRoles(roles);
  await ledgerRoles({ roles, store, clock, log });
  const { principals, logins, sessions, setup } = openUsers({ config, gate, roles, store, clock, log, ends });
  const paused = (name: string): boolean => {
    const role = principals.list().find((known) => known.name === name)?.role;
    if (role === undefined) return config.hidden.has('links') && !config.links.has(name);
    return !roles.has(role) && mayStand(role);
  };
  const lanes = new Lanes({ store, gate, zone, clock, log, paused, batch: config.history.flush });
  ends.add('the streams', () => lanes.close());
  const parts = { config, gate, principals, store, clock, log, boot: since, lanes };
  const broker = openBroker(parts);
  const brokerPart = new BrokerPart(broker, { clock, log });
  ends.add('the broker', () => brokerPart.stop());
  await brokerPart.start();

  const links = openLinks(parts, problems);
  ends.add('the links', () => links.stop());

  const controlPart = new ControlPart({ config, problems, gate, store, clock, log, zone });
  if (broker !== undefined) controlPart.serve(broker);
  controlPart.serve(links);

  const brokerAddress = (): Core['broker'] => (brokerPart.status.ok ? broker?.address : undefined);

  const runFolder = openRunFolder(config.data);
  ends.add('the run folder', () => runFolder.remove());
  const host = new ExtensionHost({
    live: store.live,
    gate,
    store,
    clock,
    log,
    folders: extensionFolders(config),
    runDir: runFolder.path,
    zone: config.timezone,
    site: config.site,
    command: controlPart.command,
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
    clock,
    links: () => links.part.list(),
    streams: () => lanes.list(),
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
    vault: store.vault,
    profiles: store.profiles,
    instances: host,
    links: links.part,
    workshop: host,
    control: controlPart.control,
    handleOf: (path) => store.live.handleOf(path),
    health,
    site: config.site,
    zone,
    clock,
    log,
    rate: RATE,
  };
  const http = await startHttp(config.http, doors);
  ends.add('the HTTP API', () => http.stop());
  log.info('the core listens', { http: http.url, broker: brokerPart.status.text, site: config.site, version: VERSION });

  const onClock = (): void => {
    broker?.restate();
    links.restate();
  };
  const box = new BoxDevice({ live: store.live, history: store, clock, zone, log, dataFolder: config.data, onClock });
  ends.add('the box device', () => box.stop());
  box.start();
  const runFile = new RunFile(config.data);
  ends.add('the run file', () => runFile.close());
  const tellAddress = (): void => runFile.write({ pid: process.pid, http: http.url, broker: brokerAddress() ?? null });
  tellAddress();
  // on a disk that was read-only neither could be written
  store.onFault((fault) => {
    if (fault !== undefined) return;
    proof.write();
    tellAddress();
  });

  await controlPart.start(host);
  ends.add('the extensions', () => stopInstances(host));
  // before the extensions end: their devices are put back to what they do without commands
  ends.add('the commands', () => controlPart.stop());
  await startInstances({ host, plan: plan.start, principals, log, keepOthers: config.hidden.has('extensions') });
  started = true;
  // last, so that what a party gets first is not an empty house
  links.part.start(linkPlan.start);
  const over = new Set(linkPlan.start.flatMap((link) => (link.over === undefined ? [] : [link.options.name])));
  // a link whose section cannot be used now goes on once it can
  const linked = config.named.filter(({ kind, name }) => kind === 'link' && !over.has(name)).map(({ name }) => name);
  await lanes.resume(linked);
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
