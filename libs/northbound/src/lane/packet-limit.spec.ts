import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaneStatus } from './lane-options.js';
import { until } from '../../test-support/fixture.js';
import { LaneConsumer } from '../../test-support/lane-consumer.js';
import { LaneHouse } from '../../test-support/lane-house.js';
import { startMosquitto, type Mosquitto } from '../../test-support/mosquitto.js';

const LIMIT = 3000;

let broker: Mosquitto;
let house: LaneHouse;
let consumer: LaneConsumer;
let handles: number[];

beforeEach(async () => {
  broker = await startMosquitto();
  house = await LaneHouse.open();
  handles = ['pcc/power/active', 'battery/soc'].map((path) => house.declare(path));
  consumer = new LaneConsumer({ port: broker.port, party: 'gesscon' });
});

afterEach(async () => {
  await consumer.leave();
  await house.remove();
  await broker.remove();
});

/** Has the broker take no larger packets from its next start on. */
const limit = (): void => appendFileSync(join(broker.folder, 'mosquitto.conf'), `max_packet_size ${LIMIT}\n`);

/** Rows of two numbers as long as they get, far more than fit one packet. */
function burst(rows = 400): [first: number, last: number] {
  const last = Date.now();
  for (let i = rows - 1; i >= 0; i--)
    house.put(Object.fromEntries(handles.map((handle) => [handle, -(last - i) / 3e12])), last - i);
  return [last - rows + 1, last];
}

const stream = (name: string): LaneStatus => house.status('gesscon').streams!.find((one) => one.stream === name)!;
const event = (text: string): Promise<unknown> =>
  house.store.addEvent({ t: 5, path: 'pcc', code: 'TEST', severity: 'info', state: 'once', text });
const most = async (): Promise<number | undefined> =>
  (await house.store.lane.lanePlan({ principal: 'gesscon', stream: 'inst' }))?.most;

async function online(): Promise<void> {
  await consumer.connect();
  await until(() => house.status('gesscon').state === 'online', 'the link');
  for (let known = await most(); known === undefined; known = await most()) await house.store.flush();
}

it('has batches cut to it, of samples and of events', async () => {
  await broker.stop();
  limit();
  await broker.start();
  house.link('gesscon', broker.port);
  await online();
  burst();
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(500));
  for (const text of texts) await event(text);
  await until(() => stream('inst').next > 5 && stream('inst').behind === 0, 'the samples');
  await until(() => consumer.records('event').length === 8 && stream('event').behind === 0, 'the events');
  await house.store.flush();
  expect(consumer.values).toEqual(await house.committed(handles));
  expect(consumer.arrivals.filter(({ gap }) => gap !== undefined)).toEqual([]);
  expect(consumer.records('event')).toMatchObject(texts.map((text) => ({ text })));
  expect(house.status('gesscon').code).toBeUndefined();
});

it('holds no stream up with what was cut before it: a gap tells of that, and what comes next arrives', async () => {
  house.link('gesscon', broker.port);
  await until(() => house.status('gesscon').state === 'online', 'the link');
  await broker.stop();
  const extent = burst();
  await event('x'.repeat(LIMIT));
  await until(() => stream('inst').next > 1 && stream('event').next > 1, 'what is too large');
  const before = { inst: stream('inst').next, event: stream('event').next };
  limit();
  await broker.start();
  await online();
  await until(() => stream('inst').oldest >= before.inst && stream('event').oldest >= before.event, 'the acks of gaps');
  const gaps = consumer.arrivals.filter(({ why }) => why === 'quota');
  expect(gaps.map(({ gap }) => gap![0])).toContain(extent[0]);
  expect(gaps.map(({ gap }) => gap![1])).toContain(extent[1]);
  expect(house.status('gesscon').code).toBe('SMX_LINK_PACKET');
  expect(house.status('gesscon').reason).toMatch(/`t\/\w+` of \d+ bytes/);
  burst();
  await event('after');
  await until(() => stream('inst').next > before.inst && stream('inst').behind === 0, 'samples that come after');
  await until(() => consumer.records('event').length === 1, 'the event that comes after');
  expect(consumer.holes).toEqual([]);
  expect(consumer.arrivals.filter(({ s, gap }) => s >= before.inst && gap !== undefined)).toEqual([]);
});

it('has answers of several batches cut to what any broker takes', async () => {
  await consumer.connect();
  house.link('gesscon', broker.port);
  await until(() => house.status('gesscon').state === 'online', 'the link');
  const data = { trace: 'x'.repeat(20_000) };
  for (let n = 1; n <= 10; n++) {
    const about = { path: 'pcc', code: 'TEST', severity: 'info', state: 'once' } as const;
    await house.store.addEvent({ t: 5, ...about, text: `${n}`, data });
    await until(() => stream('event').next > n && stream('event').behind === 0, `batch ${n}`);
  }
  const { next } = stream('event');
  await consumer.say('req', { id: 'b', get: 'batch', stream: 'event', s: [1, next - 1] });
  await until(() => consumer.answers.at(-1)?.['last'] === true, 'the last page');
  expect(consumer.answers.map(({ n }) => n)).toEqual(consumer.answers.map((_, i) => i));
  for (const answer of consumer.answers) expect(JSON.stringify(answer).length).toBeLessThan(100_000);
  const numbers = consumer.answers.flatMap((page) => (page['batches'] as { s: number }[]).map(({ s }) => s));
  expect(numbers).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1));
});
