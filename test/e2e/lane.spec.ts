import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaneConsumer } from '../../libs/northbound/test-support/lane-consumer.js';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, until } from './smxcore-support.js';

const ROUNDS = 3;

let box: Box;
let broker: Mosquitto;
let consumer: LaneConsumer;

beforeEach(async () => {
  broker = await startMosquitto();
  consumer = new LaneConsumer({ port: broker.port, party: 'gesscon', site: 'test' });
  await consumer.connect();
});

afterEach(async () => {
  await consumer.leave();
  await box.remove();
  await broker.remove();
});

/** History of every point that the link has in its catalogue, as `id/t/value`, from `from` on. */
async function committed(url: string, from: number): Promise<string[]> {
  const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${secret}` } });
    return response.json();
  };
  const found: string[] = [];
  for (const { id, path } of consumer.catalogue) {
    const to = Date.now() + 60_000;
    const { points } = (await get(`history?match=${encodeURIComponent(path)}&from=${from}&to=${to}`)) as {
      points: Record<string, [number, unknown][]>;
    };
    for (const [t, value] of points[path] ?? []) found.push(`${id}/${t}/${String(value)}`);
  }
  return found.sort();
}

it('loses nothing and doubles nothing over kill -9 of the core and of the broker', async () => {
  box = new Box(
    'roles: ./roles.yaml\nhistory: { flush: 1s }\n' +
      'extensions:\n  virtual: { use: virtual-device, config: { sensor: sensor } }\n' +
      `links:\n  gesscon: { url: "mqtt://127.0.0.1:${broker.port}", role: gesscon, batch: 1s, now: off }\n`,
  );
  writeFileSync(
    join(box.folder, 'roles.yaml'),
    'roles: { gesscon: { grants: [{ read: ["sensor/#", "battery/#"] }] } }\n',
  );
  for (let round = 0; round < ROUNDS; round++) {
    const { core } = await box.core();
    const { size } = consumer.batches;
    await until(() => consumer.batches.size >= size + 2);
    if (round % 2 === 1) {
      await broker.stop();
      await broker.start();
      const after = consumer.arrivals.length;
      await until(() => consumer.arrivals.length > after);
    }
    core.child.kill('SIGKILL');
    await core.ended();
  }
  const { url } = await box.core();
  const { size } = consumer.batches;
  await until(() => consumer.batches.size >= size + 2);
  const { out } = await box.smx(['links']);
  expect(out).toMatch(/gesscon +online .* inst +\d+ +to \d+ /);
  const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
  const metrics = await fetch(`${url}/api/v1/metrics`, { headers: { authorization: `Bearer ${secret}` } });
  const numbers = new Map((await metrics.text()).split('\n').map((line) => line.split(' ') as [string, string]));
  const of = (name: string): number => Number(numbers.get(`${name}{party="gesscon",stream="inst"}`));
  expect(of('smx_stream_next')).toBeGreaterThanOrEqual(consumer.batches.size);
  expect(of('smx_stream_sent_total')).toBeGreaterThanOrEqual(2);
  expect(of('smx_stream_backlog_batches')).toBeLessThan(consumer.batches.size);
  const taken = consumer.values;
  const [first, last] = consumer.span;
  const kept = (await committed(url, 0)).filter((value) => {
    const t = Number(value.split('/')[1]);
    return t >= first + 2000 && t < last - 5000;
  });
  const counts = new Map<string, number>();
  for (const value of taken) counts.set(value, (counts.get(value) ?? 0) + 1);
  expect(consumer.holes).toEqual([]);
  expect(consumer.changed).toEqual([]);
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.filter((value) => counts.get(value) !== 1)).toEqual([]);
});
