import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SampleBatch, silentLog, VirtualClock } from '@smx-edge/model';
import { loadConfig, startCore, type Core } from '@smx-edge/smxcore';
import { BOUNDS, EVENTS, FILED, PARTIES, POINTS, PROFILES, START, TIME_ZONE, valueAt } from './world.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface Filed {
  readonly id: number;
  readonly path: string;
  readonly k: number;
}

/** A whole core on a clock that the test moves, in a folder of its own; every socket is real. */
export class Box {
  readonly clock: VirtualClock;
  readonly folder = mkdtempSync(join(tmpdir(), 'smx-matrix-'));
  readonly handles = new Map<string, number>();
  /** Events with a file. */
  readonly filed: Filed[] = [];
  private readonly batch = new SampleBatch(POINTS.length);
  core!: Core;

  /** `start` in ms UTC. */
  constructor(start = START) {
    this.clock = new VirtualClock(start);
  }

  /** `links` as in the config. */
  async start(links: Readonly<Record<string, object>> = {}): Promise<void> {
    const roles = Object.fromEntries(
      Object.entries(PARTIES).map(([name, grants]) => [
        name,
        { grants, ...(name === 'device' ? { mqtt: { publish: ['#'], subscribe: ['#'] } } : {}) },
      ]),
    );
    const config = { site: 'matrix', timezone: TIME_ZONE, data: './var', roles: './roles.yaml', links };
    writeFileSync(join(this.folder, 'roles.yaml'), JSON.stringify({ roles }));
    writeFileSync(join(this.folder, 'smx.yaml'), JSON.stringify({ ...config, http: { port: 0 }, broker: { port: 0 } }));
    const loaded = loadConfig(join(this.folder, 'smx.yaml'), {});
    this.core = await startCore({ loaded, log: silentLog, clock: this.clock });
    const { live } = this.core.store;
    for (const name of new Set(POINTS.map(({ device }) => device)))
      live.setDevice({
        ...{ name, instance: 'p1', kind: 'meter', online: true, since: START },
        ...{ manufacturer: `maker of ${name}`, model: `model of ${name}`, serial: `plate of ${name}` },
      });
    for (const { path, device, type, kind, personal } of POINTS) {
      const definition = { path, device, instance: 'p1', unit: null, type, kind, personal, maxAge: 10_000 };
      this.handles.set(path, live.declare(kind === 'setpoint' ? { ...definition, setpoint: BOUNDS } : definition));
    }
  }

  /** One second on: a sample of each point, and its event where one is due. */
  async second(k: number): Promise<void> {
    this.clock.advance(1000);
    const { batch, core } = this;
    batch.clear(this.clock.now());
    for (const point of POINTS) {
      const i = batch.add(this.handles.get(point.path)!);
      const value = valueAt(point, k);
      if (typeof value === 'string') batch.other.set(i, value);
      else batch.number[i] = Number(value);
    }
    core.store.live.ingest(batch);
    if ((EVENTS as readonly number[]).includes(k)) await this.happen(k);
    await turn();
    await turn();
  }

  /** An event of each point, and a row of each load profile. */
  private async happen(k: number): Promise<void> {
    const { store } = this.core;
    const t = this.clock.now();
    for (const { path } of POINTS) {
      const files = [{ name: 'file', type: 'text/html', bytes: Buffer.from(`file of ${path} at ${k}`) }];
      const { id } = await store.addEvent(
        { ...{ t, path, code: 'TEST', severity: 'info', state: 'once', text: `event of ${path}` } },
        FILED.includes(path) ? files : [],
      );
      if (FILED.includes(path)) this.filed.push({ id, path, k });
    }
    for (const path of PROFILES) {
      const [device, id] = path.split('/') as [string, string];
      await store.profiles.put({ device, id, period: 0, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] });
      await store.profiles.append({ device, id, rows: [[t, 0, `${k}.50`]], source: null });
    }
  }

  async stop(): Promise<void> {
    await this.core.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
