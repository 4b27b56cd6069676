import { setTimeout as pause } from 'node:timers/promises';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench, BenchRow } from './row.js';
import { bareCommands } from './support/bare-command.js';
import { ControlBox } from './support/control-box.js';
import { quickClient } from './support/quick-client.js';
import { takeStreams } from './support/take-streams.js';
import { timedCommand } from './support/timed-command.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
/** A controller gives ten commands at once and then one per second, so that many of them are needed for a figure. */
const CONTROLLERS = LONG ? 200 : 40;
const EACH = 9;
/** Of the first thousand commands nothing counts: a box runs for years, and its code is compiled by then. */
const WARM_UP = 110;
/** Links of one box, each a party that gives its ten at once, with the same pause as on the local broker and the bare path. */
const LINKS = LONG ? 60 : 36;
const WARM_LINKS = 4;

const gap = (): Promise<void> => pause(15);

function quantile(all: readonly number[], q: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

interface Measured {
  readonly times: number[];
  readonly bare: number[];
}

/** Times in ms of the commands of so many controllers at the local broker of a box. */
async function byControllers(box: ControlBox, { from, count }: { from: number; count: number }): Promise<number[]> {
  const times: number[] = [];
  for (let n = from; n < from + count; n++) {
    const party = `ctl-${n}`;
    const client = await box.controller(party);
    for (let i = 0; i < EACH; i++) {
      times.push(await timedCommand(client, { party, id: `c${i}`, value: ((n * EACH + i) % 3000) + 1 }));
      await gap();
    }
    client.end(true);
  }
  return times;
}

/** A box that has run for a while; its battery keeps nothing in the store of the box, as no device does. */
async function start(more: object = {}): Promise<ControlBox> {
  const box = await ControlBox.prepare(more, false);
  await box.start();
  await box.until(0);
  await byControllers(box, { from: 0, count: WARM_UP });
  return box;
}

async function overLocalBroker(): Promise<Measured> {
  const box = await start();
  let times: number[];
  try {
    times = await byControllers(box, { from: WARM_UP, count: CONTROLLERS });
  } finally {
    await box.dispose();
  }
  return { times, bare: await bareCommands({ count: times.length, gap }) };
}

async function overLinks(): Promise<Measured> {
  const broker = await startMosquitto();
  const parties = Array.from({ length: LINKS }, (_, i) => `cloud-${i}`);
  const link = { url: `mqtt://127.0.0.1:${broker.port}`, role: 'ctl' };
  const cloud = await quickClient(broker.port, { protocolVersion: 5 });
  const times: number[] = [];
  const online = new Set<string>();
  cloud.on('message', (topic) => topic.endsWith('/state') && online.add(topic));
  await cloud.subscribeAsync(['smx/1/bench/+/state', 'smx/1/bench/+/rsp'], { qos: 1 });
  await takeStreams(cloud, 'smx/1/bench/+');
  const box = await start({ links: Object.fromEntries(parties.map((party) => [party, link])) });
  try {
    while (online.size < LINKS) await pause(20);
    for (const [n, party] of parties.entries())
      for (let i = 0; i < EACH; i++) {
        const ms = await timedCommand(cloud, { party, id: `c${i}`, value: ((n * EACH + i) % 3000) + 1 });
        if (n >= WARM_LINKS) times.push(ms);
        await gap();
      }
    await box.dispose();
    return { times, bare: await bareCommands({ count: times.length, gap, broker: broker.port }) };
  } finally {
    cloud.end(true);
    await box.dispose();
    await broker.remove();
  }
}

const QUANTILES = [
  ['p50', 0.5, 5],
  ['p99', 0.99, 20],
] as const;

function rows(way: string, { times, bare }: Measured): BenchRow[] {
  return QUANTILES.map(([name, q, target]) => ({
    ...{ name: `command: to verified over ${way}, ${name}`, unit: 'ms', target },
    ...{ figure: quantile(times, q), limit: quantile(bare, q) },
  }));
}

/** The way of a command through a whole box: controller → broker → gate → lease → device → read-back → `rsp`. */
export const bench: Bench = {
  name: 'command',
  async run() {
    const all = [...rows('the local broker', await overLocalBroker()), ...rows('a link', await overLinks())];
    return all.map((row) => ({ ...row, better: 'less' }));
  },
};
