import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { ProfileBook } from '@smx-edge/extension-api/runtime';
import {
  ExtensionHost,
  type HostOptions,
  type HostStore,
  type InstanceConfig,
  type InstanceStatus,
} from '@smx-edge/extension-host';
import { systemClock, Zone, type EventRecord, type Log } from '@smx-edge/model';

export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export type TrialOptions = Pick<HostOptions, 'isolation' | 'watchdog'> & {
  readonly folder: string;
  /** Kept state of earlier runs; written to. */
  readonly state?: Map<string, unknown>;
  /** Kept load profiles of earlier runs; written to. */
  readonly profiles?: ProfileBook;
};

const ID = 'trial';
const ZONE = 'Europe/Brussels';
const POLL = 15;

/** State and load profiles in memory: what a package keeps here is its test's. */
class MemoryStore implements HostStore {
  readonly events: EventRecord[] = [];

  constructor(
    private readonly state: Map<string, unknown>,
    readonly profiles: ProfileBook,
  ) {}

  async addEvent(...[event, files = []]: Parameters<HostStore['addEvent']>): Promise<EventRecord> {
    const record: EventRecord = { ...event, id: this.events.length + 1, files: files.map(({ name }) => name) };
    this.events.push(record);
    return record;
  }

  async stateGet(_instance: string, key: string): Promise<unknown> {
    return structuredClone(this.state.get(key));
  }

  async stateSet(_instance: string, key: string, value: unknown): Promise<void> {
    if (value === undefined) this.state.delete(key);
    else this.state.set(key, structuredClone(value));
  }

  stateSize(): number {
    return Buffer.byteLength(JSON.stringify([...this.state]));
  }
}

/** A box with one instance in a real process: the host, table and gate of the platform, and nothing on disk but sockets. */
export class TrialBox {
  readonly logged: Logged[] = [];
  /** Every state the instance went through. */
  readonly seen: InstanceStatus[] = [];
  readonly store: MemoryStore;
  readonly live = new LiveTable({ clock: systemClock });
  readonly host: ExtensionHost;
  private readonly gate: Gate;
  private readonly folder = mkdtempSync(join(tmpdir(), 'smx-trial-'));

  constructor(o: TrialOptions) {
    const log = this.keepLog();
    this.store = new MemoryStore(o.state ?? new Map<string, unknown>(), o.profiles ?? new ProfileBook());
    this.gate = new Gate({
      live: this.live,
      clock: systemClock,
      zone: new Zone(ZONE),
      history: { history: nothing },
      ledger: { append: () => undefined },
      log,
    });
    this.host = new ExtensionHost({
      live: this.live,
      gate: this.gate,
      store: this.store,
      clock: systemClock,
      log,
      folders: [o.folder],
      // nothing here is the house's own: it gets what `allow` says, as an installed package does
      firstParty: join(this.folder, 'none'),
      runDir: join(this.folder, 'run'),
      site: 'trial',
      zone: ZONE,
      ...(o.isolation === undefined ? {} : { isolation: o.isolation }),
      ...(o.watchdog === undefined ? {} : { watchdog: o.watchdog }),
    });
    this.host.onState((status) => this.seen.push(status));
  }

  start(config: InstanceConfig): Promise<void> {
    return this.host.start({ [ID]: config });
  }

  get status(): InstanceStatus {
    return this.host.list().find(({ id }) => id === ID)!;
  }

  /** Paths that the instance has declared, without `online`. */
  paths(): string[] {
    return [...this.live.points()]
      .map(({ definition }) => definition.path)
      .filter((path) => !path.endsWith('/online'))
      .sort();
  }

  /** Whether the condition came about within `ms`. */
  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const end = systemClock.monotonic() + ms;
    for (;;) {
      if (condition()) return true;
      if (systemClock.monotonic() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** Resolves to the ms that the instance took. */
  async stop(): Promise<number> {
    const begun = systemClock.monotonic();
    await this.host.stop();
    return systemClock.monotonic() - begun;
  }

  close(): void {
    this.gate.close();
    this.live.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private keepLog(): Log {
    const write =
      (level: string) =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void =>
        void this.logged.push({ level, message, fields });
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

async function* nothing(): AsyncGenerator<never> {
  // there is no history in a trial
}
