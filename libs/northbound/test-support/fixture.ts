import { AssertionError } from 'node:assert';
import { Principals, roleFixture } from './principals.js';
import {
  BAD,
  filterMatches,
  GOOD,
  silentLog,
  systemClock,
  type DeviceRecord,
  type Disposable,
  type LedgerEntry,
  type NewLedgerEntry,
  type PointDefinition,
  type Reading,
} from '@smx-edge/model';
import { LocalBroker, type LocalBrokerOptions } from '../src/local-broker.js';
import type { PartyGate, PartyPoint, PartyView } from '../src/doors.js';

/** What a principal of the fixture is granted. */
export interface FixtureGrant {
  readonly read?: readonly string[];
  readonly command?: readonly string[];
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

/** A small real gate over a table of values: filters decide, changes are told at once. */
export class FixtureGate implements PartyGate {
  readonly denials: string[] = [];
  readonly device: DeviceRecord[] = [];
  private readonly definitions: PointDefinition[] = [];
  private readonly readings: Reading[] = [];
  private readonly grants = new Map<string, FixtureGrant>();
  private readonly listeners = new Map<string, Set<(handles: Int32Array, n: number) => void>>();
  private readonly revisions = new Map<string, Set<() => void>>();

  declare(path: string, more: Partial<PointDefinition> = {}): number {
    const device = path.split('/')[0]!;
    this.definitions.push({
      path,
      device,
      instance: 'fixture',
      unit: 'W',
      type: 'number',
      kind: 'measurement',
      maxAge: 0,
      ...more,
    });
    this.readings.push({ value: null, t: 0, received: 0, quality: BAD, reason: 'no value yet' });
    if (!this.device.some(({ name }) => name === device))
      this.device.push({ name: device, instance: 'fixture', kind: 'meter', online: true, since: 1 });
    for (const party of this.grants.keys()) this.revise(party);
    return this.definitions.length - 1;
  }

  set(handle: number, value: Reading['value'], quality = GOOD): void {
    const t = Date.now();
    this.readings[handle] = { value, t, received: t, quality };
    this.tell([handle]);
  }

  /** Tells a change of several points as one batch. */
  tell(handles: readonly number[]): void {
    for (const [party, listeners] of this.listeners) {
      const granted = Int32Array.from(handles.filter((handle) => this.canRead(party, handle)));
      if (granted.length > 0) for (const listener of listeners) listener(granted, granted.length);
    }
  }

  grant(party: string, grant: FixtureGrant): void {
    this.grants.set(party, grant);
    this.revise(party);
  }

  forget(party: string): void {
    this.grants.delete(party);
    this.revise(party);
  }

  deny(principal: string, what: string): void {
    this.denials.push(`${principal} ${what}`);
  }

  view(party: string): PartyView | undefined {
    if (!this.grants.has(party)) return undefined;
    const matches = (filters: readonly string[] | undefined, topic: string): boolean =>
      filters?.some((filter) => filterMatches(filter, topic)) === true;
    const points = (): PartyPoint[] =>
      this.definitions.flatMap((definition, handle) =>
        this.canRead(party, handle) ? [{ handle, definition, every: 0, as: 'last' as const }] : [],
      );
    return {
      points,
      reachable: () =>
        this.definitions.flatMap((definition, handle) =>
          this.canRead(party, handle) || matches(this.grants.get(party)?.command, definition.path)
            ? [{ handle, definition }]
            : [],
        ),
      reading: (handle) => (this.canRead(party, handle) ? this.readings[handle] : undefined),
      subscribe: (fn) => register(this.listeners, party, fn),
      onRevision: (fn) => register(this.revisions, party, fn),
      devices: () => this.device.filter(({ name }) => points().some(({ definition }) => definition.device === name)),
      command: (handle) =>
        matches(this.grants.get(party)?.command, this.definitions[handle]!.path)
          ? { between: [-5000, 5000], lease: 900_000 }
          : undefined,
      laneForm: (handle) =>
        this.canRead(party, handle)
          ? { handle, maxAge: 0, every: 0, as: 'last', delay: 0, round: 0, interval: 0 }
          : undefined,
      resumes: () => false,
      gave: () => undefined,
      eventDue: () => Infinity,
      history: () => Promise.resolve([]),
      profile: () => undefined,
      profiles: () => [],
      mqttPublish: (topic) => matches(this.grants.get(party)?.publish, topic),
      mqttSubscribe: (topic) => matches(this.grants.get(party)?.subscribe, topic),
    };
  }

  private canRead(party: string, handle: number): boolean {
    const { path } = this.definitions[handle]!;
    return this.grants.get(party)?.read?.some((filter) => filterMatches(filter, path)) === true;
  }

  private revise(party: string): void {
    for (const fn of this.revisions.get(party) ?? []) fn();
  }
}

function register<T>(map: Map<string, Set<T>>, key: string, fn: T): Disposable {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set);
  set.add(fn);
  return { dispose: () => void set.delete(fn) };
}

/** A running broker with real principals, and what it wrote into the ledger. */
export interface Bench {
  readonly broker: LocalBroker;
  readonly gate: FixtureGate;
  readonly principals: Principals;
  readonly ledger: NewLedgerEntry[];
  readonly port: number;
  /** Makes a token and grants it; gives the token. */
  party(name: string, grant: FixtureGrant, more?: { alias?: string; expires?: number }): Promise<string>;
  deviceChanged(device: DeviceRecord): void;
  close(): Promise<void>;
}

export const SITE = 'site-1';

/** Starts a broker on a free port. */
export async function startBench(options: Partial<LocalBrokerOptions> = {}): Promise<Bench> {
  const gate = new FixtureGate();
  const ledger: NewLedgerEntry[] = [];
  const sink = {
    append: (entry: NewLedgerEntry) => void ledger.push(entry),
    ledgerHead: 'abcd' satisfies LedgerEntry['hash'],
  };
  const records = new Map<
    string,
    Parameters<ConstructorParameters<typeof Principals>[0]['store']['putPrincipal']>[0]
  >();
  const principals = new Principals({
    store: {
      principals: () => [...records.values()],
      putPrincipal: async (record) => void records.set(record.name, record),
      removePrincipal: async (name) => void records.delete(name),
    },
    clock: systemClock,
    ledger: sink,
    roles: () => roleFixture,
    reserved: () => [],
  });
  const catalogueListeners = new Set<Parameters<LocalBrokerOptions['live']['onCatalogue']>[0]>();
  const broker = new LocalBroker({
    host: '127.0.0.1',
    port: 0,
    site: SITE,
    version: '0.0.0-test',
    epoch: 7,
    clock: systemClock,
    log: silentLog,
    clockState: () => 'ok',
    ...options,
    gate,
    principals,
    ledger: sink,
    live: {
      onCatalogue: (fn) => {
        catalogueListeners.add(fn);
        return { dispose: () => void catalogueListeners.delete(fn) };
      },
    },
  });
  await broker.start();
  return {
    broker,
    gate,
    principals,
    ledger,
    port: broker.address.port,
    async party(name, grant, more = {}) {
      gate.grant(name, grant);
      const { token } = await principals.createToken({ role: 'any', name, ...more });
      return token;
    },
    deviceChanged(device) {
      const i = gate.device.findIndex(({ name }) => name === device.name);
      gate.device[i] = device;
      for (const fn of catalogueListeners) fn({ kind: 'device', device });
    },
    async close() {
      await broker.stop();
      principals.close();
    },
  };
}

/** Waits until `check` holds; fails with `what` after 30 s. */
export async function until(check: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!check()) {
    if (Date.now() > end) throw new AssertionError({ message: `waited in vain for: ${what}` });
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
