import { VirtualClock } from '@smx-edge/model';
import { until } from '../../test-support/fixture.js';
import { LaneConsumer, type AckRule } from '../../test-support/lane-consumer.js';
import { LaneHouse, type LaneHouseOptions } from '../../test-support/lane-house.js';
import { startMosquitto, type Mosquitto } from '../../test-support/mosquitto.js';

let broker: Mosquitto;
let house: LaneHouse;
let consumer: LaneConsumer;
let handles: number[];
let feeding: NodeJS.Timeout | undefined;
let fed = 0;

beforeEach(async () => {
  broker = await startMosquitto();
  house = await LaneHouse.open();
  consumer = new LaneConsumer({ port: broker.port, party: 'gesscon' });
  declare();
});

afterEach(async () => {
  clearInterval(feeding);
  await consumer.leave();
  await house.remove();
  await broker.remove();
});

function declare(): void {
  const paths = ['pcc/power/active', 'pcc/voltage/l1', 'battery/soc', 'battery/power'];
  handles = paths.map((path) => house.declare(path));
}

/** Points that speak twenty times a second; one of them less often. */
function feed(): void {
  feeding = setInterval(() => {
    fed++;
    const speaking = handles.filter((_, i) => i !== 2 || fed % 3 === 0);
    house.put(Object.fromEntries(speaking.map((handle, i) => [handle, fed + i / 10])));
  }, 50);
}

const inst = (): NonNullable<ReturnType<LaneHouse['status']>['streams']>[number] =>
  house.status('gesscon').streams![0]!;

const reopen = async (o: LaneHouseOptions = {}): Promise<void> => {
  await house.stop();
  house = await LaneHouse.open({ dir: house.dir, ...o });
  declare();
};

/** Stops the feed, lets everything be cut, and holds what arrived against what the store has. */
async function settled(): Promise<void> {
  clearInterval(feeding);
  await house.store.flush();
  const { length } = await house.committed(handles);
  await until(() => consumer.values.length >= length && inst().behind === 0, 'every row and every ack');
  expect(consumer.holes).toEqual([]);
  expect(consumer.changed).toEqual([]);
  expect(consumer.values).toEqual(await house.committed(handles));
}

const linked = async (ack?: AckRule): Promise<void> => {
  if (ack !== undefined) consumer.ack = ack;
  await consumer.connect();
  house.link('gesscon', broker.port);
  await until(() => house.status('gesscon').state === 'online', 'the link');
};

it('delivers every committed row once, in batches that the consumer acknowledges', async () => {
  await linked();
  feed();
  await until(() => consumer.batches.size >= 3, 'batches');
  await settled();
  const { epoch } = house.store;
  expect(consumer.states[0]).toMatchObject({ s: 'online', epoch, head: { inst: [1, 1] } });
  expect(consumer.arrivals[0]).toMatchObject({ v: 1, e: epoch, s: 1, id: handles, t0: expect.any(Number) });
  expect(consumer.arrivals.every(({ h }) => h === undefined)).toBe(true);
  expect(consumer.again).toBe(0);
});

it('brings what a broker missed as backlog beside what is live', async () => {
  await linked();
  feed();
  await until(() => consumer.batches.size >= 2, 'batches');
  await broker.stop();
  const missed = inst().next;
  await until(() => inst().next >= missed + 3, 'batches cut in the outage');
  await broker.start();
  await until(() => consumer.arrivals.some(({ h }) => h === true), 'the backlog');
  await until(() => consumer.arrivals.some(({ s, h }) => s >= missed + 3 && h === undefined), 'a live batch');
  await settled();
});

it('sends again what was not acknowledged, the same, and takes acks lost, late, twice and out of order', async () => {
  const lost = new Set<number>();
  await linked(({ s }, times) => {
    // every third ack is lost once, every fifth batch is acked only with a later one
    if (times === 1 && s % 3 === 0) lost.add(s);
    return !(times === 1 && (s % 3 === 0 || s % 5 === 0));
  });
  feed();
  await until(() => consumer.batches.size >= 5, 'batches');
  const { epoch } = house.store;
  await consumer.say('ack/inst', {
    e: epoch,
    s: [
      [5, 5],
      [2, 2],
      [1, 1],
      [2, 4],
    ],
  });
  await consumer.say('ack/inst', { e: epoch, s: [[5, 5]], hw: 1 });
  await until(() => consumer.batches.size >= 7, 'more batches');
  await settled();
  expect(lost.size).toBeGreaterThan(1);
});

it('ignores acks of another epoch, and counts those that are none', async () => {
  await linked(() => false);
  feed();
  await until(() => consumer.batches.size >= 2, 'batches');
  const { epoch } = house.store;
  await consumer.say('ack/inst', { e: epoch - 1, s: [[1, 99]] });
  await until(() => inst().foreign === 1, 'the ack of another epoch');
  for (const wrong of [
    'not json',
    '[]',
    {},
    { e: epoch },
    { e: 'x', s: [] },
    { e: epoch, s: [[2, 1]] },
    { e: epoch, s: [[0, 1]] },
    { e: epoch, s: [1, 2] },
    { e: epoch, s: [[1, 1.5]] },
    { e: epoch, s: [], hw: -1 },
    { e: epoch, s: Array.from({ length: 1001 }, () => [1, 1]) },
  ])
    await consumer.say('ack/inst', wrong);
  await until(() => inst().refused === 11, 'the malformed acks');
  expect(inst().oldest).toBe(1);
  await consumer.say('ack/inst', { e: epoch, hw: 10 ** 9 });
  await until(() => inst().oldest > 1, 'the high-water mark');
  expect(inst().oldest).toBeLessThanOrEqual(inst().next);
});

it('goes on after a restart with the same batches', async () => {
  await linked(({ s }) => s % 2 === 0);
  feed();
  await until(() => consumer.batches.size >= 5, 'batches');
  clearInterval(feeding);
  await reopen();
  consumer.ack = () => true;
  const before = consumer.arrivals.length;
  feed();
  house.link('gesscon', broker.port);
  await until(() => consumer.arrivals.length >= before + 2, 'the stream goes on');
  await settled();
});

it('takes the PUBACK of the broker where the link says so', async () => {
  consumer.ack = () => false;
  await consumer.connect();
  house.link('gesscon', broker.port, { ack: 'broker' });
  // what is committed before the stream begins is not in it
  await until(() => house.status('gesscon').state === 'online', 'the link');
  feed();
  await until(() => consumer.batches.size >= 3, 'batches');
  await settled();
  expect(consumer.again).toBe(0);
});

it('brings the newest first where the link says so', async () => {
  house.link('gesscon', broker.port, { order: 'newest-first' });
  await broker.stop();
  feed();
  await until(() => (house.status('gesscon').streams?.[0]?.next ?? 0) >= 6, 'a backlog');
  await broker.start();
  await consumer.connect();
  await until(() => consumer.arrivals.filter(({ h }) => h === true).length >= 4, 'the backlog');
  const order = consumer.arrivals.filter(({ h }) => h === true).map(({ s }) => s);
  expect(order).toEqual([...order].sort((a, b) => b - a));
  await settled();
});

it('ends what is no longer granted with a gap batch, and gives the rest without loss', async () => {
  await linked(({ s }) => s < 3);
  feed();
  await until(() => consumer.batches.size >= 5, 'batches');
  const at = Date.now();
  house.gate.putPrincipal({ name: 'gesscon', kind: 'link', role: 'narrow', created: 0 });
  consumer.ack = () => true;
  await until(() => consumer.arrivals.some(({ why }) => why === 'revoked'), 'the gap');
  const { batches } = consumer;
  const gap = [...batches.values()].find(({ why }) => why === 'revoked')!;
  expect(gap.gap![1]).toBeGreaterThanOrEqual(at);
  await until(() => Math.max(...batches.keys()) > gap.s + 1, 'batches after the gap');
  clearInterval(feeding);
  await house.store.flush();
  const pcc = await house.committed(handles.slice(0, 2));
  await until(() => consumer.values.filter((value) => pcc.includes(value)).length === pcc.length, 'all of the rest');
  const battery = handles.slice(2).map((handle) => `${handle}/`);
  const times = consumer.values.filter((value) => battery.some((start) => value.startsWith(start)));
  expect(times.every((value) => Number(value.split('/')[1]) <= at)).toBe(true);
  expect(consumer.holes).toEqual([]);
});

it('gives windows as they close, and null where nothing came', async () => {
  consumer = new LaneConsumer({ port: broker.port, party: 'windows' });
  await consumer.connect();
  house.link('windows', broker.port);
  feed();
  await until(() => consumer.values.length >= 6, 'windows');
  const batch = consumer.arrivals.find(({ r }) => r !== undefined && r.length > 0)!;
  expect(batch).toMatchObject({ dt: 2000, id: handles.slice(0, 2) });
  expect(batch.t0! % 2000).toBe(0);
});

it('tells in a state of its own how far a stream is that begins while the link is up', async () => {
  consumer = new LaneConsumer({ port: broker.port, party: 'late' });
  await consumer.connect();
  house.link('late', broker.port);
  await until(() => consumer.states.length > 0, 'the first state');
  const head = (): object => consumer.states.at(-1)!['head'] as object;
  expect(head()).not.toHaveProperty('inst');
  house.declare('ev1/power/active');
  await until(() => 'inst' in head(), 'a state with the stream');
});

describe('the local broker', () => {
  it('begins a stream with the first subscription to it, goes on over restarts, and ends it with the token', async () => {
    await house.broker.start();
    const { token } = await house.principals.createToken({ role: 'gesscon', name: 'acme' });
    feed();
    const own = { party: 'acme', user: 'acme', password: token };
    const local = new LaneConsumer({ port: house.broker.address.port, ...own });
    await local.connect('smx/1/+/acme/state');
    await until(() => local.states.length > 0, 'the state');
    expect(local.states[0]).toMatchObject({ head: {} });
    expect(await house.store.lane.lanes()).toEqual([]);
    await local.leave();
    await local.connect();
    const told = (): string[] => Object.keys(local.states.at(-1)!['head'] as object).sort();
    await until(() => told().join() === 'event,inst,profile', 'a state that tells of the streams it began');
    await until(() => local.batches.size >= 3, 'batches');
    await local.leave();
    clearInterval(feeding);
    await reopen();
    await house.lanes.resume([]);
    feed();
    await until(() => (house.lanes.status('acme')[0]?.behind ?? 0) >= 3, 'a backlog');
    await house.broker.start();
    const later = new LaneConsumer({ port: house.broker.address.port, ...own });
    await later.connect();
    await until(() => later.arrivals.some(({ h }) => h === true), 'the backlog');
    clearInterval(feeding);
    await until(() => house.lanes.status('acme')[0]?.behind === 0, 'the acks');
    const all = [...local.values, ...later.values].sort();
    expect(all).toEqual([...new Set(all)]);
    await house.principals.revoke('acme');
    await until(() => house.lanes.status('acme').length === 0, 'the end');
    await later.leave();
  });

  it('begins anew for a client that comes again while its old connection still stands', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 15));
    await reopen({ clock });
    await house.broker.start();
    const { token } = await house.principals.createToken({ role: 'gesscon', name: 'acme' });
    const own = { port: house.broker.address.port, party: 'acme', user: 'acme', password: token, clientId: 'c1' };
    const first = new LaneConsumer({ ...own, ack: () => false });
    await first.connect();
    await until(() => Object.keys(Object(first.states.at(-1)?.['head'])).includes('inst'), 'the stream');
    for (let n = 1; n <= 4; n++) {
      house.put({ [handles[0]!]: n });
      clock.advance(300);
      await until(() => first.batches.size >= n, `batch ${n}`);
    }
    const second = new LaneConsumer(own);
    await second.connect();
    await until(() => second.states.length > 0, 'the state');
    expect(second.batches.size).toBe(0);
    // the time in which it may say what it has
    clock.advance(2000);
    await until(() => second.batches.size >= 4 && house.lanes.status('acme')[0]?.behind === 0, 'all of them');
    await Promise.all([first.leave(), second.leave()]);
  });
});

describe('records', () => {
  const event = (path: string, text: string): Promise<unknown> =>
    house.store.addEvent({ t: Date.now(), path, code: 'TEST', severity: 'info', state: 'once', text });

  it('of events reach the party that may see them once, over restarts, and nobody else', async () => {
    await linked();
    await event('pcc', 'one');
    await event('pv', 'not granted');
    await until(() => consumer.records('event').length === 1, 'the first');
    consumer.ackRecords = false;
    await event('pcc', 'two');
    await until(() => consumer.records('event').length === 2, 'the second');
    await reopen();
    await event('pcc', 'three');
    consumer.ackRecords = true;
    house.link('gesscon', broker.port);
    await until(() => consumer.records('event').length === 3, 'all of them');
    await until(() => house.status('gesscon').streams?.find(({ stream }) => stream === 'event')?.behind === 0, 'acks');
    expect(consumer.records('event')).toMatchObject([
      { device: 'pcc', id: expect.any(Number), code: 'TEST', text: 'one', files: [] },
      { text: 'two' },
      { text: 'three' },
    ]);
  });

  it('of load profiles come with what proves them', async () => {
    await linked();
    const columns = [{ obis: '1-0:1.8.0', unit: 'Wh' }];
    await house.store.profiles.put({ device: 'pcc', id: 'load', period: 900_000, columns });
    await house.store.profiles.append({ device: 'pcc', id: 'load', rows: [[900_000, 0, '202.356']], source: null });
    await until(() => consumer.records('profile').length === 1, 'the row');
    expect(consumer.records('profile')[0]).toMatchObject({
      ...{ device: 'pcc', id: 'load', columns, rows: [[900_000, 0, '202.356']] },
      ...{ hash: expect.any(String), prev: expect.any(String), sig: expect.any(String) },
    });
  });
});

it('answers requests in pages within the grant', async () => {
  await linked();
  feed();
  await until(() => consumer.batches.size >= 3, 'batches');
  const to = Date.now() + 60_000;
  await consumer.say('req', { id: 'c', get: 'cat' });
  await consumer.say('req', { id: 'b', get: 'batch', s: [1, 2] });
  await until(() => consumer.answers.length >= 2, 'two answers');
  await consumer.say('req', { id: 'h', get: 'history', match: '#', from: 0, to });
  await consumer.say('req', { id: 'x', get: 'history', match: 'pcc/voltage/l1', from: 0, to, every: 'often' });
  const answered = (n: number): Promise<void> =>
    until(() => consumer.answers.filter(({ last }) => last === true).length === n, `${n} answers`);
  await answered(4);
  // the same in the texts that HTTP and CLI take, and one batch by its number; two requests may be at work at once
  await consumer.say('req', { id: 't', get: 'history', match: '#', from: '1h', to: new Date(to).toISOString() });
  await consumer.say('req', {
    id: 'w',
    get: 'history',
    match: 'pcc/power/active',
    from: '20s',
    to: 'now',
    every: '1s',
  });
  await answered(6);
  await consumer.say('req', { id: 'n', get: 'batch', e: house.store.epoch, s: 2 });
  await consumer.say('req', { id: 'o', get: 'batch', e: house.store.epoch + 1, s: 2 });
  await answered(8);
  const of = (id: string): Readonly<Record<string, unknown>>[] => consumer.answers.filter((one) => one['id'] === id);
  expect(of('c')).toMatchObject([{ n: 0, last: true, cat: { v: 1, points: [{}, {}, {}, {}] } }]);
  const batches = of('b').flatMap((page) => page['batches'] as { s: number; r: unknown }[]);
  expect(batches).toMatchObject([
    { s: 1, r: consumer.batches.get(1)!.r },
    { s: 2, r: consumer.batches.get(2)!.r },
  ]);
  const paths = new Set(of('h').flatMap((page) => Object.keys(page['points'] as object)));
  expect([...paths].sort()).toEqual(['pcc/power/active', 'pcc/voltage/l1']);
  expect(of('t').flatMap((page) => Object.keys(page['points'] as object))).toEqual(expect.arrayContaining([...paths]));
  const windows = (of('w')[0]!['points'] as Record<string, [number, number][]>)['pcc/power/active']!;
  expect(new Set(windows.map(([end]) => end % 1000))).toEqual(new Set([0]));
  expect(of('n').flatMap((page) => page['batches'])).toMatchObject([{ s: 2, r: consumer.batches.get(2)!.r }]);
  expect(of('o')).toMatchObject([{ error: { code: 'SMX_HTTP_NOT_FOUND' } }]);
  expect(of('x')).toMatchObject([{ error: { code: 'SMX_MESSAGE_MALFORMED' } }]);
});
