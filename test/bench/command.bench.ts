import { setTimeout as pause } from 'node:timers/promises';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench, BenchRow } from './row.js';
import { bareCommands } from './support/bare-command.js';
import { ControlBox } from './support/control-box.js';
import { quickClient } from './support/quick-client.js';
import { timedCommand } from './support/timed-command.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
/** A controller gives ten commands at once and then one per second, so that many of them are needed for a figure. */
const CONTROLLERS = LONG ? 200 : 60;
const EACH = 9;
/** Of the first controllers nothing counts: a box runs for years. */
const WARM_UP = 20;
/** Links of one box, each a party that gives its ten at once, with the same pause as on the local broker and the bare path. */
const LINKS = LONG ? 60 : 36;
const WARM_LINKS = 12;

const gap = (): Promise<void> => pause(15);

function quantile(all: readonly number[], q: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

interface Measured {
  readonly times: number[];
  readonly bare: number[];
}

async function overLocalBroker(): Promise<Measured> {
  const box = await ControlBox.prepare();
  const times: number[] = [];
  try {
    await box.start();
    await box.until(0);
    for (let n = 0; n < CONTROLLERS; n++) {
      const party = `ctl-${n}`;
      const client = await box.controller(party);
      for (let i = 0; i < EACH; i++) {
        const ms = await timedCommand(client, { party, id: `c${i}`, value: ((n * EACH + i) % 3000) + 1 });
        if (n >= WARM_UP) times.push(ms);
        await gap();
      }
      client.end(true);
    }
  } finally {
    await box.dispose();
  }
  return { times, bare: await bareCommands({ count: times.length, gap }) };
}

async function overLinks(): Promise<Measured> {
  const broker = await startMosquitto();
  const parties = Array.from({ length: LINKS }, (_, i) => `cloud-${i}`);
  const link = { url: `mqtt://127.0.0.1:${broker.port}`, role: 'ctl' };
  const box = await ControlBox.prepare({ links: Object.fromEntries(parties.map((party) => [party, link])) });
  const cloud = await quickClient(broker.port, { protocolVersion: 5 });
  const times: number[] = [];
  try {
    const online = new Set<string>();
    cloud.on('message', (topic) => topic.endsWith('/state') && online.add(topic));
    await cloud.subscribeAsync(['smx/1/bench/+/state', 'smx/1/bench/+/rsp'], { qos: 1 });
    await box.start();
    await box.until(0);
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
