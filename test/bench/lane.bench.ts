import { inflateSync } from 'node:zlib';
import { connectAsync, type MqttClient } from 'mqtt';
import { LaneHouse } from '../../libs/northbound/test-support/lane-house.js';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { WarpClock } from './support/warp-clock.js';
import type { Bench, BenchRow } from './row.js';

const DAYS = 7;
const SECONDS = DAYS * 86_400;
const BATCH = 60_000;
/** Batches of the backlog per second once live values were timed beside those 20 that a box sends. */
const BACKLOG_RATE = 400;
const LIVE_SAMPLES = 300;

interface Taken {
  readonly e: number;
  readonly s: number;
  readonly t0: number;
  readonly t: readonly number[];
  readonly id: readonly number[];
  readonly r: readonly (readonly number[])[];
}

/** Twenty values of a house: counters, noise in the last place, and what seldom changes. */
function valueOf(point: number, second: number): number {
  const noise = (scale: number): number => {
    let hash = Math.imul(second + 1, 0x9e3779b1) ^ Math.imul(point + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return Math.round((((hash ^ (hash >>> 13)) >>> 16) / 65_536 - 0.5) * scale);
  };
  const slow = Math.sin(second / 3600 + point);
  if (point < 3) return (2310 + Math.round(30 * slow) + noise(6)) / 10;
  if (point < 7) return Math.round(800 + 600 * slow) + noise(20);
  if (point < 10) return (350 + Math.round(200 * slow) + noise(6)) / 100;
  if (point < 14) return 1_000_000 * point + Math.floor(second / (point - 6));
  if (point < 16) return (5000 + noise(4)) / 100;
  if (point === 16) return Math.round(50 + 40 * slow);
  return point;
}

/** Stores nothing but marks: one byte per point and second says how often its value came. */
class Oracle {
  readonly marks: Uint8Array;
  wrong = 0;
  batches = 0;
  again = 0;
  bytes = 0;
  private readonly seen = new Set<number>();
  private readonly column: Map<number, number>;

  constructor(
    private readonly start: number,
    private readonly handles: readonly number[],
  ) {
    this.marks = new Uint8Array(SECONDS * handles.length);
    this.column = new Map(handles.map((handle, i) => [handle, i]));
  }

  take(batch: Taken, bytes: number): void {
    this.bytes += bytes;
    this.batches++;
    if (this.seen.has(batch.s)) {
      this.again++;
      return;
    }
    this.seen.add(batch.s);
    batch.r.forEach((row, i) => {
      const second = (batch.t0 + batch.t[i]! - this.start) / 1000;
      if (second >= SECONDS) return;
      row.forEach((value, k) => {
        const point = this.column.get(batch.id[k]!)!;
        this.marks[second * this.handles.length + point]!++;
        if (value !== valueOf(point, second)) this.wrong++;
      });
    });
  }

  get complete(): boolean {
    return !this.marks.includes(0);
  }

  get lost(): number {
    return this.marks.reduce((sum, mark) => (mark === 0 ? sum + 1 : sum), 0);
  }

  get twice(): number {
    return this.marks.reduce((sum, mark) => (mark > 1 ? sum + 1 : sum), 0);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(check: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 300_000;
  while (!check()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

const p99 = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;

async function consume(
  port: number,
  take: (topic: string, payload: Buffer, client: MqttClient) => void,
): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100 });
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => take(topic, payload, client));
  await client.subscribeAsync('smx/#', { qos: 1 });
  return client;
}

async function run(): ReturnType<Bench['run']> {
  const clock = new WarpClock();
  const broker = await startMosquitto();
  let house = await LaneHouse.open({ clock, flush: BATCH });
  const declare = (): number[] => Array.from({ length: 20 }, (_, i) => house.declare(`pcc/value/${i}`));
  const handles = declare();
  const probe = house.declare('battery/probe');
  const start = clock.now();
  const oracle = new Oracle(start, handles);
  const base = 'smx/1/site-1';
  let arrived: ((value: number) => void) | undefined;
  const client = await consume(broker.port, (topic, payload, own) => {
    const text = (): string => (payload[0] === 0x78 ? inflateSync(payload) : payload).toString();
    if (topic === `${base}/narrow/t/inst`) {
      const batch = JSON.parse(text()) as Taken;
      oracle.take(batch, topic.length + payload.length + 6);
      own.publish(`${base}/narrow/ack/inst`, JSON.stringify({ e: batch.e, s: [[batch.s, batch.s]] }), { qos: 1 });
    } else if (topic === `${base}/probe/now`) {
      const { v } = JSON.parse(text()) as { v: Record<string, number> };
      arrived?.(v['battery/probe']!);
    }
  });
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
  await until(() => oracle.batches > 50, 'the backlog');
  const during = p99(await live());
  await house.stop();
  house = await LaneHouse.open({ dir: house.dir, clock, flush: BATCH, backlogRate: BACKLOG_RATE });
  declare();
  link();
  await until(() => oracle.complete, 'every value');
  await until(() => house.status('narrow').streams![0]!.behind <= 1, 'the acks');
  const perDay = oracle.bytes / DAYS / 1e6;
  clock.stop();
  const row = (name: string, figure: number, unit: string, target: number, limit: number | null = null): Row => ({
    ...{ name: `lane: ${name}`, figure, unit, target, limit, better: 'less' as const },
  });
  const rows = [
    row('values lost in an outage of 7 days at 20 values/s', oracle.lost + oracle.wrong, 'values', 0),
    row('values that came twice', oracle.twice, 'values', 0),
    row('batches sent again', (100 * oracle.again) / oracle.batches, '%', 5),
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
