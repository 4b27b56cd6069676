import { connectAsync } from 'mqtt';
import { LaneHouse } from '../../libs/northbound/test-support/lane-house.js';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { LaneConsumer, valueOf } from './support/lane-consumer.js';
import { WarpClock } from './support/warp-clock.js';
import type { Bench, BenchRow } from './row.js';

const DAYS = 7;
const SECONDS = DAYS * 86_400;
const BATCH = 60_000;
/** Batches of the backlog per second once live values were timed beside those 20 that a box sends. */
const BACKLOG_RATE = 400;
const LIVE_SAMPLES = 1000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 300_000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

const p99 = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;

async function run(): ReturnType<Bench['run']> {
  const clock = new WarpClock();
  const broker = await startMosquitto();
  let house = await LaneHouse.open({ clock, flush: BATCH });
  const declare = (): number[] => Array.from({ length: 20 }, (_, i) => house.declare(`pcc/value/${i}`));
  const handles = declare();
  const probe = house.declare('battery/probe');
  const start = clock.now();
  const base = 'smx/1/site-1';
  let arrived: ((value: number) => void) | undefined;
  const consumer = new LaneConsumer({ port: broker.port, base: `${base}/narrow`, start, seconds: SECONDS, handles });
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 100 });
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    const { v } = JSON.parse(payload.toString()) as { v: Record<string, number> };
    arrived?.(v['battery/probe']!);
  });
  await client.subscribeAsync(`${base}/probe/now`);
  const link = (): void => house.link('narrow', broker.port, { batch: BATCH }, { compress: true });
  link();
  house.link('probe', broker.port, { batch: BATCH, ack: 'broker' }, { now: 1 });
  clock.run();
  await until(() => house.status('probe').state === 'online' && house.status('narrow').state === 'online', 'the links');

  /** ms from ingest to the consumer, live. */
  const live = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < LIVE_SAMPLES; i++) {
      const value = Math.random();
      const came = new Promise<void>((resolve) => {
        arrived = (got) => {
          if (got === value) resolve();
        };
      });
      const at = performance.now();
      house.put({ [probe]: value });
      await Promise.race([came, sleep(5000)]);
      times.push(performance.now() - at);
      await sleep(15);
    }
    return times;
  };
  const normal = p99(await live());

  clock.stop();
  await broker.stop();
  for (let s = 0; s < SECONDS; s++) {
    const t = start + s * 1000;
    const values: Record<number, number> = {};
    handles.forEach((handle, i) => (values[handle] = valueOf(i, s)));
    if (clock.now() < t) clock.advance(t - clock.now());
    house.put(values, t);
    if (s % 60 === 59) await house.store.flush();
  }
  await house.store.flush();
  clock.advance(BATCH);
  clock.run();
  await broker.start();
  await until(async () => (await consumer.delivered()).batches > 50, 'the backlog');
  const during = p99(await live());
  await house.stop();
  house = await LaneHouse.open({ dir: house.dir, clock, flush: BATCH, backlogRate: BACKLOG_RATE });
  declare();
  link();
  await until(async () => (await consumer.delivered()).complete, 'every value');
  await until(() => house.status('narrow').streams![0]!.behind <= 1, 'the acks');
  const { bytes, lost, wrong, twice, again, batches } = await consumer.delivered();
  await consumer.end();
  const perDay = bytes / DAYS / 1e6;
  clock.stop();
  const row = (name: string, figure: number, unit: string, target: number, limit: number | null = null): Row => ({
    ...{ name: `lane: ${name}`, figure, unit, target, limit, better: 'less' as const },
  });
  const rows = [
    row('values lost in an outage of 7 days at 20 values/s', lost + wrong, 'values', 0),
    row('values that came twice', twice, 'values', 0),
    row('batches sent again', (100 * again) / batches, '%', 5),
    row('p99 of live values beside the backlog', during, 'ms', 2 * normal, normal),
    row('20 values at 1 Hz on the wire, 60 s batches, deflate', perDay, 'MB/day', 3),
  ];
  await client.endAsync(true);
  await house.remove();
  const memory = await linkMemory(broker.port);
  await broker.remove();
  return [...rows, row('memory of a link with its streams', memory, 'MB', 2)];
}

type Row = BenchRow & { readonly better: 'less' };

const MORE = 30;

/** Heap and buffers of one more link in a house of its own, mean of thirty. */
async function linkMemory(port: number): Promise<number> {
  const house = await LaneHouse.open();
  for (let i = 0; i < 20; i++) house.declare(`pcc/value/${i}`);
  const online = (): number => house.links.list().filter(({ state }) => state === 'online').length;
  const add = async (name: string, links: number): Promise<void> => {
    const before = online();
    for (let i = 0; i < links; i++) house.link(`${name}-${i}`, port, {}, { role: 'narrow' });
    await until(() => online() === before + links, 'the links');
    await sleep(500);
  };
  const used = (): number => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  await add('first', 3);
  const before = used();
  await add('more', MORE);
  const after = used();
  await house.remove();
  return (after - before) / MORE / 1e6;
}

export const bench: Bench = { name: 'lane', run };
