import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { systemClock, Zone, type Log } from '@smx-edge/model';
import { ExtensionHost, type HostOptions } from '../src/host.js';
import type { InstanceConfig } from '../src/supervision/instance-config.js';
import type { InstanceStatus } from '../src/supervision/status.js';

export const FIXTURES = join(__dirname, '../test-fixtures');

/** A box in a folder of its own: real store, real gate, real processes. */
export class Box {
  logged: { level: string; message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];

  private constructor(
    readonly dir: string,
    readonly store: Store,
    readonly gate: Gate,
    readonly host: ExtensionHost,
  ) {}

  static async open(o: Partial<HostOptions> & { dir?: string } = {}): Promise<Box> {
    const dir = o.dir ?? mkdtempSync(join(tmpdir(), 'smx-host-'));
    const logged: Box['logged'] = [];
    const write =
      (level: string) =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void =>
        void logged.push({ level, message, fields });
    const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const zone = new Zone('Europe/Rome');
    const store = await Store.open({
      dir: join(dir, 'data'),
      clock: systemClock,
      zone,
      log,
      flush: 1000,
      budget: 1e8,
      raw: 864e5,
    });
    const gate = new Gate({ live: store.live, clock: systemClock, zone, history: store, ledger: store, log });
    const host = new ExtensionHost({
      live: store.live,
      gate,
      store,
      clock: systemClock,
      log,
      folders: [FIXTURES],
      firstParty: FIXTURES,
      runDir: join(dir, 'run'),
      site: 'test-site',
      zone: zone.name,
      ...o,
    });
    const box = new Box(dir, store, gate, host);
    box.logged = logged;
    return box;
  }

  static async run(instances: Record<string, InstanceConfig>, o: Partial<HostOptions> = {}): Promise<Box> {
    const box = await Box.open(o);
    await box.host.start(instances);
    return box;
  }

  status(id: string): InstanceStatus {
    const status = this.host.list().find((instance) => instance.id === id);
    if (status === undefined) throw new RangeError(`no instance ${id}`);
    return status;
  }

  value(path: string): unknown {
    const handle = this.store.live.handleOf(path);
    return handle === undefined ? undefined : this.store.live.value(handle);
  }

  text(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === 'string' ? value : undefined;
  }

  reading(path: string): ReturnType<Store['live']['reading']> | undefined {
    const handle = this.store.live.handleOf(path);
    return handle === undefined ? undefined : this.store.live.reading(handle);
  }

  /** Stops and reports what a box leaves on disk to `again`. */
  async halt(): Promise<void> {
    await this.host.stop();
    this.gate.close();
    await this.store.close();
  }

  async close(): Promise<void> {
    await this.halt();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Resolves once `condition` gives something true; fails with what `tell` says. */
export async function until<T>(
  condition: () => T | Promise<T>,
  tell: () => unknown = () => '',
  ms = 60_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new RangeError(`did not come about: ${condition.toString()} ${JSON.stringify(tell())}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
