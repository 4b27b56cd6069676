import type { WebSocket } from 'ws';
import { type Bench, type BenchRow } from './row.js';
import { callOneByOne, OcppLoad } from './support/ocpp-load.js';
import { OcppRelay } from './support/ocpp-relay.js';
import { cpuSeconds, cpuSecondsOfThreads } from './support/process-time.js';

const ROUNDS = 5;
const CALLS = 2_000;
const STATIONS = 20;
const CALLS_EACH = 1_000;
const SECONDS = 20;
/** Before them, at the same pace: beyond the first pings, which have code compiled anew. */
const WARM_SECONDS = 25;
const IDLE = 1_000;
const FLOOD = 64 * 1024 * 1024;
/** Longer than nearly all messages of charge points are, of which 99 % have at most 2 kB (2.1 part 4 §5.2); and far longer ones. */
const FLOOD_MESSAGES = [4096, 65_536, 1024 * 1024] as const;

type Row = BenchRow & { readonly better: 'more' | 'less' };

const sample = (measurand: string, unit: string, phase?: string): object => ({ value: '231.5', context: 'Sample.Periodic', measurand, ...(phase && { phase }), location: 'Outlet', unit }); // prettier-ignore

const VALUES = JSON.stringify({
  ...{ connectorId: 1, transactionId: 7 },
  meterValue: [
    {
      timestamp: '2026-03-01T10:00:00Z',
      sampledValue: [
        sample('Energy.Active.Import.Register', 'Wh'),
        sample('Power.Active.Import', 'W'),
        ...['L1', 'L2', 'L3'].flatMap((phase) => [sample('Current.Import', 'A', phase), sample('Voltage', 'V', phase)]),
      ],
    },
  ],
});

/** What a station with three phases sends all the time: 1.1 kB. */
const meterValues = (n: number): Buffer =>
  Buffer.from(`[2,"0f6b2c1e-5a0d-4f0b-9a51-${String(n).padStart(12, '0')}","MeterValues",${VALUES}]`);

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const best = (values: readonly number[]): number => Math.min(...values);

interface Relays {
  readonly load: OcppLoad;
  readonly bare: OcppRelay;
  readonly plain: OcppRelay;
  readonly observing: OcppRelay;
}

/** p50 over each way, ms; the ways take turns, and the best round of each counts: the machine is not ours alone. */
async function latency({ load, bare, observing }: Relays): Promise<{ direct: number; bare: number; ours: number }> {
  const ways = await Promise.all([load.url, bare.url, observing.url].map((url) => load.join(url, 1, 5000)));
  const figures: number[][] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, [ws]] of ways.entries()) {
      const p50 = median(await callOneByOne(ws!, meterValues, CALLS));
      // the first one warms up
      if (round > 0) figures[i]!.push(p50);
    }
  for (const [ws] of ways) ws!.terminate();
  const [direct, pipe, ours] = figures.map(best);
  return { direct: direct!, bare: pipe!, ours: ours! };
}

interface Cost {
  /** CPU of a relay, µs for each CALL with its answer. */
  readonly cpu: number;
  /** Of the CALLs those whose values reached the host, %. */
  readonly told: number;
}

const share = (relay: OcppRelay, before: number, calls: number): number => ((relay.told - before) / calls) * 100;

/** All that waited is looked into. */
async function settled(relay: OcppRelay): Promise<void> {
  for (let told = -1; told !== relay.told;) {
    told = relay.told;
    await pause(300);
  }
}

/** What calls cost that 20 charge points send as fast as they are answered. */
async function flatOut(load: OcppLoad, relays: readonly OcppRelay[]): Promise<Cost[]> {
  const all: { relay: OcppRelay; points: WebSocket[]; figures: number[]; told: number[] }[] = [];
  for (const relay of relays) all.push({ relay, points: await load.join(relay.url, STATIONS), figures: [], told: [] });
  for (let round = 0; round <= ROUNDS; round++)
    for (const { relay, points, figures, told } of all) {
      const [before, toldBefore] = [cpuSeconds(relay.pid), relay.told];
      await Promise.all(points.map((ws) => callOneByOne(ws, meterValues, CALLS_EACH)));
      await settled(relay);
      if (round === 0) continue;
      figures.push(((cpuSeconds(relay.pid) - before) * 1e6) / (STATIONS * CALLS_EACH));
      told.push(share(relay, toldBefore, STATIONS * CALLS_EACH));
    }
  for (const { points } of all) for (const ws of points) ws.terminate();
  return all.map(({ figures, told }) => ({ cpu: median(figures), told: median(told) }));
}

/** The same where each of 20 charge points calls once a second, one after the other, from the start of the relays on: far more than they do. */
async function onceASecond(load: OcppLoad, relays: readonly OcppRelay[]): Promise<Cost[]> {
  const all: { relay: OcppRelay; points: WebSocket[]; cpu: number; told: number }[] = [];
  for (const relay of relays) all.push({ relay, points: await load.join(relay.url, STATIONS), cpu: 0, told: 0 });
  const go = async (calls: number): Promise<void> => {
    for (let n = 0; n < calls; n++) {
      for (const { points } of all) points[n % STATIONS]!.send(meterValues(n), { binary: false });
      await pause(1000 / STATIONS);
    }
    for (const { relay } of all) await settled(relay);
  };
  await go(STATIONS * WARM_SECONDS);
  for (const of of all) Object.assign(of, { cpu: cpuSecondsOfThreads(of.relay.pid), told: of.relay.told });
  const calls = STATIONS * SECONDS;
  await go(calls);
  for (const { points } of all) for (const ws of points) ws.terminate();
  return all.map(({ relay, cpu, told }) => ({ cpu: ((cpuSecondsOfThreads(relay.pid) - cpu) * 1e6) / calls, told: share(relay, told, calls) })); // prettier-ignore
}

/** KiB of resident memory for each charge point that says nothing. */
async function perIdle(load: OcppLoad, relay: OcppRelay): Promise<number> {
  const warm = await load.join(relay.url, 20, 6000);
  for (const ws of warm) ws.terminate();
  await pause(500);
  const before = relay.resident;
  const points = await load.join(relay.url, IDLE, 7000);
  await pause(500);
  const grown = relay.resident - before;
  for (const ws of points) ws.terminate();
  return grown / IDLE;
}

/** MiB that the process grows by while one charge point sends 64 MiB to a back end that stands still. */
async function flood(load: OcppLoad, relay: OcppRelay, bytes: number): Promise<number> {
  const [ws] = await load.join(relay.url, 1, 9000);
  const backEnd = load.accepted.at(-1)!;
  const piece = Buffer.alloc(bytes, 0x62);
  let got = 0;
  load.onMessage = (_ws, { data }) => (got += data.length);
  const before = relay.resident;
  backEnd.pause();
  for (let sent = 0; sent < FLOOD; sent += piece.length) ws!.send(piece, { binary: true });
  let highest = 0;
  for (let i = 0; i < 30; i++) {
    await pause(50);
    highest = Math.max(highest, relay.resident - before);
  }
  backEnd.resume();
  while (got < FLOOD) {
    await pause(5);
    highest = Math.max(highest, relay.resident - before);
  }
  ws!.terminate();
  return highest / 1024;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function run(): Promise<readonly Row[]> {
  const load = await OcppLoad.open();
  const relays: Relays = {
    load,
    bare: await OcppRelay.bare(load.url),
    plain: await OcppRelay.ours(load.url, { observe: false }),
    observing: await OcppRelay.ours(load.url),
  };
  const p50 = await latency(relays);
  const ways = [relays.bare, relays.plain, relays.observing];
  const [bare, plain, observing] = await flatOut(load, ways);
  const slow = [await OcppRelay.bare(load.url), await OcppRelay.ours(load.url)];
  const [bareSlow, observingSlow] = await onceASecond(load, slow);
  for (const relay of slow) await relay.close();
  const fresh = await OcppRelay.ours(load.url);
  const idle = await perIdle(load, fresh);
  const bareIdle = await perIdle(load, relays.bare);
  const floods: Row[] = [];
  for (const bytes of FLOOD_MESSAGES) {
    const [ours, pipe] = [await OcppRelay.ours(load.url), await OcppRelay.bare(load.url)];
    const [figure, limit] = [await flood(load, ours, bytes), await flood(load, pipe, bytes)];
    floods.push({ name: `OCPP proxy: growth while 64 MiB in messages of ${bytes / 1024} KiB wait for a back end that stands still`, figure, unit: 'MiB', target: 24, limit, better: 'less' }); // prettier-ignore
    for (const relay of [ours, pipe]) await relay.close();
  }
  for (const relay of [relays.bare, relays.plain, relays.observing, fresh]) await relay.close();
  load.close();
  const name = (what: string): string => `OCPP proxy: ${what}`;
  const added = { ours: (p50.ours - p50.direct) * 1000, bare: (p50.bare - p50.direct) * 1000 };
  const less = { better: 'less' } as const;
  return [
    { name: name('added to a call (p50), beside a bare pipe of ws'), figure: added.ours, unit: 'µs', target: 1.5 * added.bare, limit: added.bare, ...less }, // prettier-ignore
    { name: name('CPU of a call, nothing looked into, beside a bare pipe'), figure: plain!.cpu, unit: 'µs', target: 1.5 * bare!.cpu, limit: bare!.cpu, ...less }, // prettier-ignore
    { name: name('CPU of a call with observation, beside a bare pipe'), figure: observing!.cpu, unit: 'µs', target: 2 * bare!.cpu, limit: bare!.cpu, ...less }, // prettier-ignore
    { name: name('MeterValues looked into, of all that 20 send flat out; the rest is counted'), figure: observing!.told, unit: '%', target: 5, limit: null, better: 'more' }, // prettier-ignore
    { name: name('CPU of a call with observation, each of 20 once a second'), figure: observingSlow!.cpu, unit: 'µs', target: 2 * bareSlow!.cpu, limit: bareSlow!.cpu, ...less }, // prettier-ignore
    { name: name('MeterValues looked into, each of 20 once a second'), figure: observingSlow!.told, unit: '%', target: 100, limit: null, better: 'more' }, // prettier-ignore
    { name: name('resident memory of an idle charge point, of 1 000'), figure: idle, unit: 'KiB', target: 45, limit: bareIdle, ...less }, // prettier-ignore
    ...floods,
  ];
}

export const bench: Bench = { name: 'ocpp-proxy', run };
