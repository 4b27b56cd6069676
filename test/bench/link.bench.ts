import { connectAsync, type MqttClient } from 'mqtt';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { silentLog, systemClock, VirtualClock, type Clock } from '@smx-edge/model';
import { Links, LocalBroker } from '@smx-edge/northbound';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { BenchHouse } from './support/house.js';
import { processMemory } from './support/process-memory.js';

const POINTS = 300;
/** So many that what two cores differ by of themselves, some MB, is little of what these take. */
const LINKS = 21;
/** s until the garbage of the start is gone. */
const SETTLE = 60;
const FLAPS = 1000;
/** Flaps after which memory is looked at first: by then everything ran often enough. */
const SETTLED = 200;
const REVOCATIONS = 20;
const LANE = { batch: 1000, ack: 'consumer', order: 'oldest-first' } as const;

function linksOf(house: BenchHouse, clock: Clock): Links {
  const { gate, ledger, live } = house;
  const state = { version: '0', epoch: 1, clockState: () => 'ok' as const };
  return new Links({ site: 'bench', ...state, gate, live, ledger, clock, log: silentLog });
}

const addLink = (house: BenchHouse, links: Links, { name, port }: { name: string; port: number }): void => {
  house.gate.putPrincipal({ name, kind: 'link', role: 'all', created: 0 });
  const url = `mqtt://127.0.0.1:${port}`;
  links.add({ name, url, role: 'all', now: 50, compress: false, access: () => ({}), lane: LANE });
};

/**
 * What a core with `count` links that are on line and busy has for itself once its start is behind it, MB: the least of
 * some time, without the waves of the collector. Its share of what all Nodes share says nothing of links.
 */
async function coreWith(count: number, broker: Mosquitto): Promise<number> {
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const names = Array.from({ length: count }, (_, i) => `l${i}`);
  const core = await BenchCore.prepare({
    extensions: { many: { use: 'many-points', config: { count: POINTS }, allow: { publish: ['#'] } } },
    links: Object.fromEntries(names.map((name) => [name, { url, role: 'all' }])),
  });
  const outside = await connectAsync(url);
  try {
    const full = new Set<string>();
    outside.on('message', (topic, payload) => {
      if (payload.length > POINTS * 10) full.add(topic);
    });
    await outside.subscribeAsync('smx/1/bench/+/now');
    core.start();
    while (full.size < count) await pause(100);
    let least = Infinity;
    for (let i = 0; i < SETTLE; i++) {
      await pause(1000);
      least = Math.min(least, processMemory(core.pid).own);
    }
    return least;
  } finally {
    await outside.endAsync(true);
    await core.dispose();
  }
}

interface Flaps {
  /** Growth of RSS from `SETTLED` flaps to the last, %; what is left of it is code that the compiler made. */
  readonly growth: number;
  /** Longest time from the repair of the broker to the link on line, s. */
  readonly back: number;
}

/**
 * A real Mosquitto is killed and comes back, at once or only after the link has tried in vain for a while. The pauses of
 * the link run on a clock that the bench moves, so that a night of back-off takes no night; sockets take what they take.
 */
async function flaps(): Promise<Flaps> {
  // as the core does
  setFlagsFromString('--semi-space-growth-factor=1');
  const clock = new VirtualClock(Date.now());
  const house = new BenchHouse({ points: POINTS, clock });
  house.grant({ all: { grants: [{ read: ['#'] }] } });
  house.ingest(POINTS, (i) => i);
  const broker = await startMosquitto();
  const links = linksOf(house, clock);
  addLink(house, links, { name: 'l', port: broker.port });
  const state = (): string => links.list()[0]!.state;
  /** Lets the link do what is due: its next try, or the one under way. */
  const step = async (): Promise<void> => {
    const { retryAt } = links.list()[0]!;
    if (state() === 'waiting' && retryAt !== undefined) clock.advance(Math.max(0, retryAt - clock.now()));
    else await pause(1);
  };
  const online = async (): Promise<void> => {
    while (state() !== 'online') await step();
  };
  await online();
  let [early, late] = [Infinity, Infinity];
  let back = 0;
  for (let i = 0; i < FLAPS; i++) {
    await broker.stop();
    while (state() === 'online') await turn();
    const { failures } = links.list()[0]!;
    while (links.list()[0]!.failures < failures + (i % 8)) await step();
    await broker.start();
    const [repaired, begun] = [clock.now(), performance.now()];
    await online();
    back = Math.max(back, (clock.now() - repaired + performance.now() - begun) / 1000);
    // some connections hold long enough to count as good ones, others do not
    clock.advance((i % 3) * 6000);
    house.ingest(POINTS, (point) => point + i);
    // the least of a hundred: RSS goes up and down by some MB
    if (i % 10 === 0 && i > SETTLED - 100 && i <= SETTLED) early = Math.min(early, rss());
    if (i % 10 === 0 && i > FLAPS - 100) late = Math.min(late, rss());
  }
  const growth = ((late - early) / early) * 100;
  await links.stop();
  await broker.remove();
  house.close();
  return { growth, back };
}

function rss(): number {
  global.gc!();
  return process.memoryUsage.rss();
}

/** Ms from the end of a right to the last that its party got, the worst of some. */
async function revocations(): Promise<{ link: number; token: number }> {
  const house = new BenchHouse({ points: POINTS, clock: systemClock });
  const { gate, ledger, live } = house;
  const all = { all: { grants: [{ read: ['#'] }] } };
  house.grant(all);
  const broker = await startMosquitto();
  const links = linksOf(house, systemClock);
  addLink(house, links, { name: 'l', port: broker.port });
  const principals = house.principals();
  const local = new LocalBroker({
    ...{ host: '127.0.0.1', port: 0, site: 'bench', version: '0', epoch: 1, gate, principals, live, ledger },
    ...{ clock: systemClock, log: silentLog, clockState: () => 'ok' as const },
  });
  await local.start();
  const outside = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 });
  const seen = { last: 0, value: 0, empty: false };
  outside.on('message', (_topic, payload) => {
    seen.last = performance.now();
    seen.empty = payload.length === 0;
    if (!seen.empty) seen.value = seen.last;
  });
  await outside.subscribeAsync('smx/1/bench/l/now');
  const isEmpty = (): boolean => seen.empty;
  let n = 0;
  const source = setInterval(() => house.ingest(POINTS, (i) => i + ++n / 8), 20);
  let [link, token] = [0, 0];
  for (let i = 0; i < REVOCATIONS; i++) {
    house.grant(all);
    const begun = performance.now();
    while (seen.value < begun) await pause(5);
    await pause(Math.random() * 200);
    const revoked = performance.now();
    house.grant({ all: { grants: [] } });
    while (!isEmpty()) await pause(1);
    await pause(500);
    // the empty message is the last that comes, and no value after it
    link = Math.max(link, isEmpty() ? seen.last - revoked : Infinity);
    house.grant(all);
    token = Math.max(token, await revokeToken(local.address.port, principals));
  }
  clearInterval(source);
  await outside.endAsync(true);
  await local.stop();
  await links.stop();
  await broker.remove();
  principals.close();
  house.close();
  return { link, token };
}

async function revokeToken(port: number, principals: ReturnType<BenchHouse['principals']>): Promise<number> {
  const { token, record } = await principals.createToken({ role: 'all' });
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    ...{ username: record.name, password: token, reconnectPeriod: 0 },
  });
  let last = 0;
  let over = false;
  client.on('message', () => (last = performance.now()));
  client.on('close', () => (over = true));
  await client.subscribeAsync('#');
  while (last === 0) await pause(5);
  await pause(Math.random() * 100);
  const revoked = performance.now();
  await principals.revoke(record.name);
  while (!over) await pause(1);
  const ended = performance.now();
  return Math.max(ended, last) - revoked;
}

/** Links at a real Mosquitto: what one takes, whether a thousand flaps leave anything behind, and how soon a right ends. */
export const bench: Bench = {
  name: 'link',
  async run() {
    // first, while nothing else has grown the process
    const { growth, back } = await flaps();
    const broker = await startMosquitto();
    const [one, many] = await Promise.all([coreWith(1, broker), coreWith(LINKS, broker)]);
    await broker.remove();
    const { link, token } = await revocations();
    const row = (name: string, unit: string, { figure, target }: { figure: number; target: number }) => ({
      ...{ name, figure, unit, target, limit: null, better: 'less' as const },
    });
    return [
      row(`link: private memory of one of ${LINKS} in a core of ${POINTS} points`, 'MB', {
        figure: (many - one) / (LINKS - 1),
        target: 2,
      }),
      row(`link: growth of RSS from ${SETTLED} to ${FLAPS} broker flaps`, '%', { figure: growth, target: 5 }),
      row(`link: broker repaired → on line, worst of ${FLAPS} flaps`, 's', { figure: back, target: 60 }),
      row('link: grant revoked → `now` emptied at the broker, worst of 20', 'ms', { figure: link, target: 1000 }),
      row('local broker: token revoked → cut off, worst of 20', 'ms', { figure: token, target: 1000 }),
    ];
  },
};
