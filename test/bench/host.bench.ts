import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { ProfileBook } from '@smx-edge/extension-api/runtime';
import { ExtensionHost, type HostStore, type InstanceConfig, type InstanceStatus } from '@smx-edge/extension-host';
import { silentLog, systemClock, Zone, type HistorySource, type NewEvent } from '@smx-edge/model';
import { medianOf, type Bench } from './row.js';

/** Real instance processes; events and state stay in memory, so that no disk is measured. */
const FIXTURES = resolve('libs/extension-host/test-fixtures');
const CALLS = 1000;

const noHistory: HistorySource = {
  async *history() {
    // nothing here asks for history
  },
};

function memoryStore(): HostStore {
  const state = new Map<string, unknown>();
  let id = 0;
  return {
    addEvent: (event: NewEvent) => Promise.resolve({ ...event, id: ++id, files: [] }),
    stateGet: (instance, key) => Promise.resolve(state.get(`${instance} ${key}`)),
    stateSet: (instance, key, value) => Promise.resolve(void state.set(`${instance} ${key}`, value)),
    stateSize: () => 0,
    profiles: new ProfileBook(),
  };
}

interface Bed {
  readonly live: LiveTable;
  readonly host: ExtensionHost;
  close(): Promise<void>;
}

async function bed(instances: Record<string, InstanceConfig>): Promise<Bed> {
  const dir = mkdtempSync(join(tmpdir(), 'smx-bench-'));
  const live = new LiveTable({ clock: systemClock });
  const ledger = { append: () => undefined };
  const gate = new Gate({
    live,
    clock: systemClock,
    zone: new Zone('UTC'),
    history: noHistory,
    ledger,
    log: silentLog,
  });
  const host = new ExtensionHost({
    live,
    gate,
    store: memoryStore(),
    clock: systemClock,
    log: silentLog,
    folders: [FIXTURES],
    firstParty: FIXTURES,
    runDir: join(dir, 'run'),
    site: 'bench',
    zone: 'UTC',
  });
  await host.start(instances);
  const close = async (): Promise<void> => {
    await host.stop();
    gate.close();
    live.close();
    rmSync(dir, { recursive: true });
  };
  return { live, host, close };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

const good = { use: 'good', config: {} };
const up = (live: LiveTable): boolean => {
  const handle = live.handleOf('pcc/runs');
  return handle !== undefined && live.value(handle) !== null;
};

/** ms from the start of a process to its first values in the live table. */
async function startTime(): Promise<number> {
  const from = performance.now();
  const { live, close } = await bed({ good });
  await until(() => up(live));
  const time = performance.now() - from;
  await close();
  return time;
}

/** 99th percentile of a call there and back, ms. */
async function p99(host: ExtensionHost): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const from = performance.now();
    await host.call('good', 'echo', { text: 'x' });
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)]!;
}

async function calm(): Promise<{ p99: number; memory: number }> {
  const { live, host, close } = await bed({ good });
  await until(() => up(live));
  await p99(host);
  const time = await medianOf(3, () => p99(host));
  await until(() => host.list()[0]?.memory !== undefined);
  const memory = host.list()[0]?.memory ?? NaN;
  await close();
  return { p99: time, memory };
}

/** What a neighbour does, as the fixture calls it, and when it is at it. */
interface Neighbour {
  readonly mode: string;
  readonly words: string;
  at(status: InstanceStatus): boolean;
  /** Killed anew whenever it runs. */
  readonly killed?: true;
}

const NEIGHBOURS: readonly Neighbour[] = [
  { mode: 'flood', words: 'floods', at: ({ state }) => state === 'degraded' },
  { mode: 'spin', words: 'spins', at: ({ state }) => state === 'running' },
  { mode: 'heap', words: 'leaks heap', at: ({ restarts, code }) => restarts > 0 || code !== undefined },
  { mode: 'buffers', words: 'leaks Buffers', at: ({ restarts, code }) => restarts > 0 || code !== undefined },
  { mode: 'exit', words: 'exits again and again', at: ({ restarts }) => restarts > 0 },
  { mode: 'fine', words: 'is killed (-9) again and again', at: ({ restarts }) => restarts > 0, killed: true },
];
/** Longest a neighbour may take until it does what it is to do, and longest that it is kept at it, ms. */
const PATIENCE = 30_000;

/** p99 of a call while another instance misbehaves; one that was put away is started again, so that it never rests. */
async function beside({ mode, at, killed }: Neighbour): Promise<number> {
  const { live, host, close } = await bed({ good, other: { use: 'bad', config: { mode } } });
  const other = (): InstanceStatus => host.list()[1]!;
  const goad = async (): Promise<void> => {
    const { state, pid } = other();
    if (state === 'quarantined' || state === 'failed') await host.restart('other');
    else if (killed === true && state === 'running' && pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  let goading: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void (goading = goading.then(goad)), 100);
  try {
    const end = Date.now() + PATIENCE;
    await until(() => (up(live) && at(other())) || Date.now() > end);
    if (!at(other())) throw new Error(`the neighbour never came to ${mode}: ${JSON.stringify(other())}`);
    await p99(host);
    return await medianOf(3, () => p99(host));
  } finally {
    clearInterval(timer);
    await goading;
    await close();
  }
}

export const bench: Bench = {
  name: 'extension-host',
  async run() {
    const start = await medianOf(3, startTime);
    const alone = await calm();
    const besides: { readonly words: string; readonly time: number }[] = [];
    for (const neighbour of NEIGHBOURS) besides.push({ words: neighbour.words, time: await beside(neighbour) });
    return [
      { name: 'instance: start to first value', figure: start, unit: 'ms', target: 500, limit: null, better: 'less' },
      {
        name: 'instance: private memory',
        figure: alone.memory / 2 ** 20,
        unit: 'MiB',
        target: 12,
        limit: null,
        better: 'less',
      },
      { name: 'call of an instance, p99', figure: alone.p99, unit: 'ms', target: 5, limit: null, better: 'less' },
      ...besides.map(({ words, time }) => ({
        name: `call beside an instance that ${words}, p99`,
        figure: time,
        unit: 'ms',
        // at most twice as long, with a floor below which only the scheduler is measured
        target: Math.max(alone.p99 * 2, 2),
        limit: alone.p99,
        better: 'less' as const,
      })),
    ];
  },
};
