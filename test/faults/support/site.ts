import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog } from '@smx-edge/model';
import { Store as Table } from '../../../apps/gesscon/src/store/store.js';
import { startMosquitto, type Mosquitto } from '../../../libs/northbound/test-support/mosquitto.js';
import { Box, until, type Running } from '../../e2e/smxcore-support.js';
import { Consumer } from './consumer.js';
import { judge, keyOf, type Absence, type Rows, type Verdict } from './delivery.js';
import { WATCHED, Witness } from './witness.js';

/** ms for which what is not delivered yet is waited for. */
const PATIENCE = 120_000;

/** What stands between two of them: gives the port to be used in place of the one it leads to. */
type Between = (port: number) => Promise<number>;

interface SiteOptions {
  /** `postgres://…`; a file of SQLite where it is not said. */
  readonly database?: string | undefined;
  readonly beforeBroker?: Between;
  /** Source of the reader; the meter on TCP where it is not said. */
  readonly source?: (port: number) => Promise<string>;
  readonly env?: Readonly<Record<string, string>>;
  /** A battery beside the meter, which the consumer may command. */
  readonly hasBattery?: boolean;
}

const BATTERY = '  virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0 } }\n';
/** Set-point of that battery, W. */
export const SETPOINT = 'battery/power/setpoint';

/** A meter, a core with its reader, a broker, and a consumer with its table, each in processes of its own. */
export class Site {
  private core: Running | undefined;
  private url = '';

  private constructor(
    readonly box: Box,
    readonly witness: Witness,
    readonly broker: Mosquitto,
    readonly consumer: Consumer,
    private readonly database: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async open(o: SiteOptions = {}): Promise<Site> {
    const broker = await startMosquitto();
    const witness = await Witness.start();
    const source = await (o.source ?? ((port) => Promise.resolve(`tcp://127.0.0.1:${port}`)))(witness.port);
    const port = await (o.beforeBroker ?? ((own) => Promise.resolve(own)))(broker.port);
    const box = new Box(
      'roles: ./roles.yaml\nhistory: { flush: 1s }\n' +
        `extensions:\n  p1: { use: p1-reader, config: { device: pcc, source: ${JSON.stringify(source)} } }\n` +
        (o.hasBattery === true ? BATTERY : '') +
        `links:\n  gesscon: { url: "mqtt://127.0.0.1:${port}", role: gesscon, batch: 1s, now: off }\n`,
      'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: null\n',
    );
    const read = JSON.stringify(WATCHED.map((path) => `pcc/${path}`));
    const command = `, { command: ["${SETPOINT}"], between: [-3000, 3000], lease: 15m }`;
    const grants = `[{ read: ${read} }${o.hasBattery === true ? command : ''}]`;
    writeFileSync(join(box.folder, 'roles.yaml'), `roles: { gesscon: { grants: ${grants} } }\n`);
    const database = o.database ?? `sqlite:${join(box.folder, 'table.db')}`;
    const config = join(box.folder, 'gesscon.yaml');
    const at = `{ url: "mqtt://127.0.0.1:${broker.port}" }`;
    writeFileSync(config, `party: gesscon\nbroker: ${at}\ndatabase: ${JSON.stringify(database)}\nhttp: { port: 0 }\n`);
    const site = new Site(box, witness, broker, new Consumer(config), database, o.env ?? {});
    await site.startCore();
    await site.consumer.up();
    return site;
  }

  async startCore(): Promise<void> {
    ({ core: this.core, url: this.url } = await this.box.core(this.env));
  }

  /** The core that was started last. */
  get running(): Running {
    return this.core!;
  }

  async killCore(): Promise<void> {
    this.core!.child.kill('SIGKILL');
    await this.core!.ended();
  }

  /** kill -9 of the reader's process; false where there was none to kill. The core starts it again. */
  async killReader(): Promise<boolean> {
    const [reader] = await this.get<readonly { readonly pid?: number }[]>('extensions');
    if (reader?.pid === undefined) return false;
    process.kill(reader.pid, 'SIGKILL');
    return true;
  }

  async get<T>(path: string): Promise<T> {
    const secret = readFileSync(join(this.box.folder, 'var/secret'), 'utf8').trim();
    const response = await fetch(`${this.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${secret}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** What the core has of the meter, from a telegram's time on. */
  async history(from: number): Promise<Rows> {
    const found = new Map<string, unknown[]>();
    for (const path of WATCHED) {
      const query = `history?match=pcc/${path}&from=${from}&to=${Date.now() + 3_600_000}`;
      const { points } = await this.get<{ points: Record<string, [number, unknown][]> }>(query);
      for (const [t, value] of points[`pcc/${path}`] ?? []) put(found, keyOf(t, path), value);
    }
    return found;
  }

  /** What the consumer has of the meter. */
  async table(): Promise<Rows> {
    const rows = await this.ask<{ path: string; t: string | number; v: number }>(
      "select path, t, value as v from reading where path like 'pcc/%'",
    );
    const found = new Map<string, unknown[]>();
    for (const { path, t, v } of rows) put(found, keyOf(Number(t), path.slice('pcc/'.length)), v);
    return found;
  }

  /** What the consumer's database answers; whole numbers may be texts there. */
  async ask<T extends object>(query: string): Promise<T[]> {
    const table = new Table(this.database, silentLog);
    try {
      await table.open();
      return await table.db.rows<T>(query);
    } finally {
      await table.db.close();
    }
  }

  /** Newest telegram that the core has, by its time; 0 where there is none yet. */
  async newest(): Promise<number> {
    const [point] = await this.get<readonly { readonly t?: number }[]>(`points?match=pcc/${WATCHED[0]}`);
    return point?.t ?? 0;
  }

  /** Whether the core says of any value of the meter that it is good. */
  async looksFresh(): Promise<boolean> {
    const points = await this.get<readonly { readonly quality: string }[]>('points?match=pcc/power/%23');
    return points.some(({ quality }) => quality === 'good');
  }

  /** Time of a telegram from which on all must be delivered, once the first ones were: ms UTC. */
  async begin(): Promise<number> {
    const now = Date.now();
    await until(async () => (await this.newest()) > now);
    // what was journalled before the stream began is not of it
    await this.delivered(now);
    return this.newest();
  }

  /** What came of all telegrams from `from` on, once all is delivered or long should be; tells on stderr what is short. */
  async settle(from: number, absences: readonly Absence[]): Promise<Verdict> {
    const to = await this.newest();
    await this.delivered(to - 1);
    const history = await this.history(0);
    const end = performance.now() + PATIENCE;
    for (;;) {
      const verdict = judge({ witness: this.witness, absences, from, to, history, table: await this.table() });
      // what is of before comes beside what is live, and may come later
      if (verdict.lost.length > 0 && performance.now() < end) {
        await pause(100);
        continue;
      }
      for (const what of ['unread', 'lost', 'twice', 'wrong'] as const)
        if (verdict[what].length > 0) process.stderr.write(`${what}: ${verdict[what].slice(0, 12).join('; ')}\n`);
      return verdict;
    }
  }

  /** Resolves once a telegram that the meter sent after `t` stands in the consumer's table. */
  async delivered(t: number): Promise<void> {
    await until(async () =>
      [...(await this.table()).keys()].some((key) => key.endsWith(WATCHED[0]) && Number.parseInt(key) > t),
    );
  }

  async close(): Promise<void> {
    await this.consumer.end();
    await this.box.remove();
    await this.witness.stop();
    await this.broker.remove();
  }
}

function put(rows: Map<string, unknown[]>, key: string, value: unknown): void {
  const values = rows.get(key);
  if (values === undefined) rows.set(key, [value]);
  else values.push(value);
}
