import { VirtualClock } from '@smx-edge/model';
import { until } from '../../test-support/fixture.js';
import { LaneConsumer } from '../../test-support/lane-consumer.js';
import { LaneHouse } from '../../test-support/lane-house.js';

/** One batch spans this, ms. */
const BATCH = 600_000;
const START = Date.UTC(2026, 0, 15);

const clock = new VirtualClock(START);
let house: LaneHouse;
let handle: number;
let consumer: LaneConsumer;

const open = async (random: number, dir?: string): Promise<void> => {
  const at = dir === undefined ? {} : { dir };
  house = await LaneHouse.open({ clock, flush: BATCH, random: () => random, ...at });
  handle = house.declare('pcc/power/active');
  await house.lanes.resume([]);
};
const behind = (): number => house.lanes.status('acme')[0]?.behind ?? 0;

/** A consumer that has what is live, so that nothing but its time holds a backlog back. */
async function meet(token: string): Promise<void> {
  await house.broker.start();
  const { port } = house.broker.address;
  consumer = new LaneConsumer({ port, party: 'acme', user: 'acme', password: token });
  await consumer.connect();
  await until(() => Object.keys(Object(consumer.states.at(-1)?.['head'])).includes('inst'), 'the stream');
}

async function cut(batches: number): Promise<void> {
  for (const all = behind() + batches; behind() < all;) {
    house.put({ [handle]: clock.now() % 1e6 });
    clock.advance(BATCH);
    await house.store.flush();
  }
}

/** Goes on by so much, and waits for an event that was told after it. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  const { length } = consumer.records('event');
  const told = { t: clock.now(), path: 'pcc', code: 'TEST', severity: 'info', state: 'once', text: '' } as const;
  await house.store.addEvent(told);
  while (consumer.records('event').length === length) {
    await house.store.flush();
    clock.advance(1);
  }
}

let token: string;

beforeEach(async () => {
  await open(0);
  ({ token } = await house.principals.createToken({ role: 'gesscon', name: 'acme' }));
  await meet(token);
  await consumer.leave();
});

afterEach(async () => {
  await consumer.leave();
  await house.remove();
});

/** What is cut, the core started again, and the party there. */
async function comeBack(batches: number, random: number): Promise<void> {
  await cut(batches);
  await house.stop();
  await open(random, house.dir);
  await meet(token);
  expect(consumer.batches.size).toBe(0);
}

it('holds the backlog of more than an hour back over a start of the core, for a time of its own', async () => {
  await comeBack(7, 0.5);
  await pass(290_000);
  expect(consumer.batches.size).toBe(0);
  clock.advance(15_000);
  await until(() => consumer.batches.size === 7, 'the backlog');
  expect(consumer.arrivals.every(({ h }) => h === true)).toBe(true);
});

it('sends that of less than an hour as soon as the consumer had its time', async () => {
  await comeBack(3, 0.5);
  clock.advance(2000);
  await until(() => consumer.batches.size === 3, 'the backlog');
});
