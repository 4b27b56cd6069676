import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate, parseRoles, Principals } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { SampleBatch, silentLog, systemClock, Zone, type Clock, type PointDefinition } from '@smx-edge/model';
import type { LaneOptions } from '../src/lane/lane-options.js';
import { Lanes } from '../src/lane/lanes.js';
import type { LinkStatus } from '../src/link/link-options.js';
import { Links } from '../src/link/links.js';
import { LocalBroker } from '../src/local-broker.js';

export const SITE = 'site-1';

export interface LaneHouseOptions {
  readonly dir?: string;
  readonly clock?: Clock;
  readonly flush?: number;
  readonly backlogRate?: number;
  readonly random?: () => number;
  readonly budget?: number;
}

const ROLES = {
  roles: {
    gesscon: {
      grants: [{ read: ['pcc/#', 'battery/#'], history: ['pcc/#'], events: ['pcc/#'], profiles: ['pcc/#'] }],
    },
    narrow: { grants: [{ read: ['pcc/#'] }] },
    windows: { grants: [{ read: ['pcc/#'], every: '2s' }] },
    late: { grants: [{ read: ['ev1/#'] }] },
    slow: { grants: [{ events: ['pcc/#'], delay: '15m' }, { events: ['battery/#'] }] },
    probe: { grants: [{ read: ['battery/#'] }] },
  },
};

/** A house with everything between ingest and the broker for real: store, gate, streams, links, local broker. */
export class LaneHouse {
  readonly zone = new Zone('Europe/Rome');
  readonly log = silentLog;
  private batch = new SampleBatch();

  private constructor(
    readonly dir: string,
    readonly clock: Clock,
    readonly store: Store,
    readonly gate: Gate,
    readonly lanes: Lanes,
    readonly links: Links,
    readonly principals: Principals,
    readonly broker: LocalBroker,
  ) {}

  static async open(o: LaneHouseOptions = {}): Promise<LaneHouse> {
    const { dir = mkdtempSync(join(tmpdir(), 'smx-house-')), clock = systemClock, flush = 300 } = o;
    const zone = new Zone('Europe/Rome');
    const base = { clock, log: silentLog };
    const store = await Store.open({ dir, ...base, zone, flush, budget: o.budget ?? 2 ** 30, raw: 31 * 86_400_000 });
    const { live, epoch } = store;
    const gate = new Gate({ live, ...base, zone, history: store, profiles: store.profiles, ledger: store });
    const roles = parseRoles(ROLES);
    gate.setRoles(roles);
    const principals = new Principals({ store, clock, ledger: store, roles: () => roles, reserved: () => [] });
    for (const record of principals.list()) gate.putPrincipal(record);
    principals.onChange((kind, record) =>
      kind === 'added' ? gate.putPrincipal(record) : gate.removePrincipal(record.name),
    );
    const { backlogRate, random = () => 0.01 } = o;
    const rate = backlogRate === undefined ? {} : { backlogRate };
    const lanes = new Lanes({ store, gate, zone, ...base, batch: flush, random, ...rate });
    const clockState = (): 'ok' => 'ok';
    const common = { site: SITE, version: 'test', gate, live, epoch, ledger: store, ...base, lanes, clockState };
    const links = new Links({ ...common, random });
    const broker = new LocalBroker({ ...common, host: '127.0.0.1', port: 0, principals });
    return new LaneHouse(dir, clock, store, gate, lanes, links, principals, broker);
  }

  declare(path: string, more: Partial<PointDefinition> = {}): number {
    return this.store.live.declare({
      ...{ path, device: path.split('/')[0]!, instance: 'house', unit: 'W', type: 'number', kind: 'measurement' },
      ...{ maxAge: 0, ...more },
    });
  }

  /** One batch of values by handle. */
  put(values: Readonly<Record<number, number>>, t = this.clock.now()): void {
    const { batch } = this;
    batch.clear(this.clock.now());
    for (const [handle, value] of Object.entries(values)) {
      const i = batch.add(Number(handle));
      batch.number[i] = value;
      batch.t[i] = t;
    }
    this.store.live.ingest(batch);
  }

  link(
    name: string,
    port: number,
    lane: Partial<LaneOptions> = {},
    more: { role?: string; compress?: boolean; now?: number } = {},
  ): void {
    const { role = name, compress = false, now } = more;
    if (this.gate.view(name) === undefined) this.gate.putPrincipal({ name, kind: 'link', role, created: 0 });
    this.links.add({
      ...{ name, url: `mqtt://127.0.0.1:${port}`, role, now, compress, access: () => ({}) },
      lane: { batch: 300, ack: 'consumer', order: 'oldest-first', ...lane },
    });
  }

  status(name: string): LinkStatus {
    return this.links.list().find((one) => one.name === name)!;
  }

  /** Every sample that history has of some points, as `handle/t/value`. */
  async committed(handles: readonly number[]): Promise<string[]> {
    const found: string[] = [];
    for (const handle of handles)
      for await (const rows of this.store.history({ handle, from: 0, to: 9e15 }))
        for (const [t, value] of rows) found.push(`${handle}/${t}/${String(value)}`);
    return found.sort();
  }

  /** Ends everything; the folder stays. */
  async stop(): Promise<void> {
    await this.links.stop();
    await this.broker.stop();
    await this.lanes.close();
    this.principals.close();
    this.gate.close();
    await this.store.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
