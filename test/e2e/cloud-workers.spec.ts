import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog, systemClock, type Clock } from '@smx-edge/model';
import { startGesscon, type Gesscon } from '../../apps/gesscon/src/gesscon.js';
import {
  connectPostgres,
  postgresPrograms,
  startPostgres,
  type Postgres,
} from '../../apps/gesscon/test-support/postgres.js';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Cloud } from './cloud-support.js';
import { Box, until } from './smxcore-support.js';

const POINT = 'battery/power/setpoint';
const SITE = 'k3f9';
const GRANTS = `[{ read: ['battery/#'] }, { command: ['${POINT}'], between: [-4000, 4000], lease: 15m }]`;
/** What an order may ask of a controller by HTTP is longer: another worker needs time to take it over. */
const HB = 4000;

describe('a real box and its cloud controller', () => {
  // what they wait for takes its time by the clock of the box
  jest.setTimeout(240_000);
  let broker: Mosquitto;
  let box: Box;
  let url: string;

  const open = async (answer: string): Promise<void> => {
    broker = await startMosquitto();
    box = new Box(`
roles: ./roles.yaml
history: { flush: 1s }
extensions:
  virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0, answer: ${answer} } }
links:
  gesscon: { url: "mqtt://127.0.0.1:${broker.port}", role: gesscon, alias: ${SITE}, now: 'off', batch: 1s }
`);
    writeFileSync(join(box.folder, 'roles.yaml'), `roles: { gesscon: { authority: controller, grants: ${GRANTS} } }\n`);
    ({ url } = await box.core());
  };

  afterEach(async () => {
    await box.remove();
    await broker.remove();
  });

  const setpoint = async (): Promise<unknown> => {
    const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
    const answer = await fetch(`${url}/api/v1/points/${POINT}`, { headers: { authorization: `Bearer ${secret}` } });
    return ((await answer.json()) as { value?: unknown }).value;
  };

  describe('that runs in this process', () => {
    let gesscon: Gesscon;
    /** How far its clock is ahead of that of the box, ms. */
    let ahead: number;

    const start = async (): Promise<void> => {
      const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
      gesscon = await startGesscon({
        config: {
          party: 'gesscon',
          broker: { url: `mqtt://127.0.0.1:${broker.port}`, version: 5, share: 'gesscon', access: {} },
          ...{ database: `sqlite:${join(box.folder, 'g.db')}`, silence: 45_000, keep: undefined },
          ...{ http: { host: '127.0.0.1', port: 0, token: undefined }, log: 'error' },
        },
        ...{ clock, log: silentLog },
      });
    };

    beforeEach(async () => {
      ahead = 0;
      await open('obey');
      await start();
    });

    afterEach(() => gesscon.stop());

    const rows = <R extends object>(text: string): Promise<R[]> => gesscon.store.db.rows<R>(text);

    it('gives again what its controller lost after it had acknowledged it, each value once', async () => {
      await until(async () => (await rows('select seq from batch where seq > 4')).length > 0);
      const readings = 'select path, t, value, other from reading where received <= $1 order by path, t';
      const [{ upTo }] = (await rows('select max(received) as "upTo" from batch')) as [{ upTo: number }];
      const before = await gesscon.store.db.rows(readings, [upTo]);
      // a database that was restored from before them
      const lost = 'select received from batch where seq in (2, 3)';
      const kept = 'select received from batch where seq not in (2, 3)';
      await rows(`delete from value where received in (${lost}) and received not in (${kept})`);
      await rows('delete from batch where seq in (2, 3)');
      await rows('update stream set hw = 1');
      expect((await gesscon.store.db.rows(readings, [upTo])).length).toBeLessThan(before.length);
      await gesscon.watch.look();
      ahead = 25_000;
      await until(async () => {
        await gesscon.watch.look();
        return (await rows('select seq from batch where seq in (2, 3)')).length === 2;
      });
      const [, ...more] = await rows<{ n: number }>(
        'select count(*) as n from reading group by path, t having count(*) > 1 union all select 0 as n',
      );
      expect(more).toEqual([]);
      const after = await rows<{ path: string; t: number }>('select path, t, value, other from reading');
      expect(after).toEqual(expect.arrayContaining(before));
      await gesscon.watch.look();
      expect(await rows('select hole from stream where hole is not null')).toEqual([]);
    });

    it('holds an order with a heartbeat while a worker sends it, and is at its safe value when none does', async () => {
      await until(async () => (await rows('select path from offer where up = 1')).length > 0);
      const now = Date.now();
      const body = { value: 700, hb: `${HB}ms` };
      const ask = { id: 'beat', kind: 'command' as const, point: POINT, body, until: now + 600_000, hb: HB };
      await gesscon.store.orders.put(SITE, ask, now);
      const order = (): ReturnType<typeof gesscon.store.orders.get> =>
        gesscon.store.orders.get(SITE, 'beat', Date.now());
      await until(async () => {
        await gesscon.watch.look();
        return (await order())?.outcome === 'verified';
      });
      const verified = performance.now();
      await until(async () => {
        await sleep(HB / 8);
        await gesscon.watch.look();
        return performance.now() - verified > 2.5 * HB;
      });
      expect([(await order())!.state, await setpoint()]).toEqual(['verified', 700]);
      await gesscon.stop();
      await until(async () => (await setpoint()) === 0);
      await start();
      await until(async () => (await order().catch(() => undefined))?.state === 'ended');
      expect((await order())!.outcome).toBe('verified');
    });
  });

  (postgresPrograms() === undefined ? it.skip : it)(
    'comes to its outcome, which is alarmed, where the worker that kept watch dies while a device lets it wait',
    async () => {
      // it takes a command and does nothing
      await open('lie');
      const postgres: Postgres = await startPostgres();
      const config = join(box.folder, 'gesscon.yaml');
      writeFileSync(
        config,
        `party: gesscon\nbroker: { url: "mqtt://127.0.0.1:${broker.port}" }\ndatabase: "${postgres.url}"\nhttp: { port: 0, token: secret }\n`,
      );
      const client = await connectPostgres(postgres);
      const leader = async (): Promise<unknown> =>
        ((await client.query('select holder from lead')).rows as { holder: string }[])[0]?.holder;
      const workers: Cloud[] = [];
      try {
        const first = await Cloud.start(config);
        workers.push(first);
        const before = await until(leader);
        const second = await Cloud.start(config);
        workers.push(second);
        const command = { id: 'open', point: POINT, value: 500, for: '10m' };
        await until(async () => (await first.ask(`sites/${SITE}/commands`, command)).status === 202);
        await first.reached('open', 'applied');
        expect(await leader()).toBe(before);
        await first.kill();
        expect(await second.reached('open', 'ignored')).toMatchObject({ outcome: 'ignored' });
        const alarm = await until(async () => {
          const alarms = (await (await second.ask('alarms?which=all')).json()) as { cause: string; detail: string }[];
          return alarms.find(({ cause }) => cause === 'command');
        });
        expect(alarm.detail).toContain(`open to ${POINT}: ignored`);
        expect(await leader()).not.toBe(before);
      } finally {
        for (const worker of workers) await worker.kill();
        await client.end();
        await postgres.remove();
      }
    },
  );
});
