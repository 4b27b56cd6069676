import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { PART_IDS, UnitSearch, unitsUpTo } from '@smx-edge/extension-api/sunspec';
import { silentLog, systemClock } from '@smx-edge/model';
import { parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { hasRecorded, RECORDED, serveRecorded } from '../conformance/support/recorded-inverters.js';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';

type Row = BenchRow & { readonly better: 'more' | 'less' };

const ROUNDS = 5;
const LAST_INVERTER = 5;
const WARM = 10_000;
const MEASURED = process.env['SMX_BENCH_LONG'] === '1' ? 300_000 : 25_000;
const FLAVOURS = ['gen24', 'verto', 'datamanager', 'generic'] as const;
const TICKS_A_SECOND = 100;

const houseOf = (flavour: string): Promise<Site> =>
  startSite(parseSiteConfig({ meters: [], devices: [{ protocol: 'sunspec', name: 'inverter', flavour, port: 0 }] }));

/** All units of the usual numbers, from the first connection to the values of what was found, ms. */
async function discovery(source: string): Promise<number> {
  const link = openModbus(source, { log: silentLog, clock: systemClock, random: () => 0, timeout: 3000 });
  const search = new UnitSearch(link);
  const begun = performance.now();
  let found = 0;
  for (const unit of unitsUpTo(LAST_INVERTER)) {
    const live = search.unit(unit, { isExpected: false });
    if ((await search.look(live)) !== 'found') continue;
    await live.sunspec.read(PART_IDS);
    found++;
  }
  const took = performance.now() - begun;
  await link.close();
  if (found === 0) throw new Error(`nothing was found at ${source}`);
  return took;
}

/** Lets bytes through and counts requests. */
async function counted(source: string): Promise<{ server: Server; source: string; requests(): number }> {
  let requests = 0;
  const { hostname, port } = new URL(source);
  const server = createServer((socket) => {
    const there = connect(Number(port), hostname);
    socket.on('data', () => requests++);
    socket.pipe(there).pipe(socket);
    for (const one of [socket, there])
      one.on('error', () => one.destroy()).on('close', () => (socket.destroy(), there.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, source: `modbus://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

/** User and system time of a process, s. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** An instance in a box, at one reading a second: requests of each, memory of its own, share of a core. */
async function instance(): Promise<{ requests: number; own: number; cpu: number }> {
  const site = await houseOf('gen24');
  const proxy = await counted(site.devices.get('inverter')!.source);
  const config = { source: proxy.source, units: [1, 200], poll: '1s' };
  const core = await BenchCore.prepare({ extensions: { roof: { use: 'sunspec', config } } });
  try {
    core.start();
    await pause(WARM);
    const pid = childOf(core.pid, 'smx: roof');
    if (pid === undefined) throw new Error('the reader did not come up');
    const [asked, cpu, begun] = [proxy.requests(), cpuSeconds(pid), performance.now()];
    await pause(MEASURED);
    const seconds = (performance.now() - begun) / 1000;
    const requests = (proxy.requests() - asked) / seconds;
    return { requests, own: processMemory(pid).own, cpu: (100 * (cpuSeconds(pid) - cpu)) / seconds };
  } finally {
    await core.dispose();
    proxy.server.close();
    await site.stop();
  }
}

/** The slowest of the recorded images, each the median of some rounds, ms; undefined where they are not beside the project. */
async function recorded(): Promise<number | undefined> {
  if (!hasRecorded()) return undefined;
  let slowest = 0;
  for (const name of RECORDED) {
    const { server, source } = await serveRecorded(name);
    slowest = Math.max(slowest, await medianOf(ROUNDS, () => discovery(source)));
    server.close();
  }
  return slowest;
}

async function run(): Promise<readonly Row[]> {
  const ofImages = await recorded();
  let slowest = 0;
  for (const flavour of FLAVOURS) {
    const site = await houseOf(flavour);
    slowest = Math.max(slowest, await medianOf(ROUNDS, () => discovery(site.devices.get('inverter')!.source)));
    await site.stop();
  }
  const { requests, own, cpu } = await instance();
  const name = (what: string): string => `SunSpec: ${what}`;
  return [
    {
      name: name('units 1, 200 to 204, 240 and 2 to 5 looked for and read, the slowest of four kinds'),
      ...{ figure: slowest, unit: 'ms', target: 1000, limit: null, better: 'less' },
    },
    ...(ofImages === undefined
      ? []
      : [
          {
            name: name('the same over recorded images of devices, the slowest'),
            ...{ figure: ofImages, unit: 'ms', target: 1000, limit: null, better: 'less' as const },
          },
        ]),
    {
      name: name('requests for inverter, trackers, battery and meter, each second'),
      ...{ figure: requests, unit: '', target: 5, limit: null, better: 'less' },
    },
    {
      name: name('private memory of an instance that reads them'),
      ...{ figure: own, unit: 'MB', target: 15, limit: null, better: 'less' },
    },
    { name: name('a core, of the same'), figure: cpu, unit: '%', target: 1, limit: null, better: 'less' },
  ];
}

export const bench: Bench = { name: 'sunspec-reader', run };
