import {
  SampleBatch,
  silentLog,
  VirtualClock,
  Zone,
  type LaneBatch,
  type LaneForm,
  type LaneName,
  type LanePlan,
} from '@smx-edge/model';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreOptions } from '../store/options.js';
import { Store } from '../store/store.js';

const INST: LaneName = { principal: 'gesscon', stream: 'inst' };
const HOUR = 3_600_000;

let dir: string;
let clock: VirtualClock;
let store: Store;
let handle: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smx-lane-'));
  clock = new VirtualClock(Date.UTC(2026, 4, 1));
  await fresh();
});

async function fresh(): Promise<void> {
  store = await openStore();
  handle = store.live.declare({
    ...{ path: 'pcc/power', device: 'pcc', instance: 'p1', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
  });
}

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const openStore = (more: Partial<StoreOptions> = {}): Promise<Store> =>
  Store.open({
    ...{ dir, clock, zone: new Zone('Europe/Rome'), log: silentLog },
    ...{ flush: 10_000, budget: 2 ** 30, raw: 31 * 86_400_000, ...more },
  });

const open = (every = 0): Promise<unknown> => {
  const form: LaneForm = { handle, maxAge: 0, every, as: 'last', delay: 0, round: 0, interval: 0 };
  const plan: LanePlan = { cat: 'abc', batch: 10_000, forms: [form] };
  return store.lane.openLane(INST, plan, { since: clock.now(), gone: [] });
};

async function run(seconds: number): Promise<void> {
  for (let s = 0; s < seconds; s++) {
    const batch = new SampleBatch();
    batch.clear(clock.now());
    batch.number[batch.add(handle)] = clock.now() / 1000;
    store.live.ingest(batch);
    clock.advance(1000);
    await store.stateGet('test', 'none');
  }
}

const all = (): Promise<LaneBatch[]> => store.lane.readLane(INST, 1, 10_000);
const why = (batch: LaneBatch): string => ('gap' in batch ? batch.why : 'rows');

function gapOf(batch: LaneBatch): readonly [number, number] {
  if (!('gap' in batch)) throw new TypeError('it has rows');
  return batch.gap;
}

/** The one segment file, with a byte turned around. */
function flip(at: (size: number) => number): void {
  const [name] = readdirSync(join(dir, 'journal'));
  const path = join(dir, 'journal', name!);
  const bytes = readFileSync(path);
  bytes[at(bytes.length)]! ^= 0xff;
  writeFileSync(path, bytes);
}

it('tells what retention took as gaps, one for each number, and goes on', async () => {
  const opened = clock.now();
  await open();
  await run(40);
  const before = await all();
  await store.close();
  clock.advance(HOUR);
  store = await openStore({ raw: HOUR / 2 });
  await open();
  await run(20);
  // ages do not go by a clock that has just begun
  clock.advance(HOUR);
  await store.settled();
  const thinned = clock.now();
  await run(20);
  const after = await all();
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, i) => i + 1));
  expect(after.slice(0, before.length).map(why)).toEqual(before.map(() => 'quota'));
  for (const [i, batch] of before.entries()) {
    const [from, to] = gapOf(after[i]!);
    const times = timesOf([batch]);
    // it holds all its rows, and nothing before the stream began or after retention was at work
    expect(from).toBeLessThanOrEqual(times[0]!);
    expect(to).toBeGreaterThanOrEqual(times.at(-1)!);
    expect(from).toBeGreaterThanOrEqual(opened);
    expect(to).toBeLessThanOrEqual(thinned);
  }
  expect(after.slice(before.length).map(why)).toContain('rows');
  expect(after.slice(before.length).map(why)).not.toContain('corrupt');
});

it('never gives the number of a batch to another where a part of the journal is damaged', async () => {
  for (const part of [0.2, 0.5, 0.9]) {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
    await fresh();
    await open();
    await run(120);
    const before = await all();
    await store.close();
    flip((size) => Math.floor(size * part));
    store = await openStore();
    await open();
    await run(30);
    const after = await all();
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, i) => i + 1));
    const kept = after.slice(0, before.length);
    expect(kept.map(why)).toContain('corrupt');
    for (const [i, batch] of kept.entries()) if (!('gap' in batch)) expect(batch).toEqual(before[i]);
    // what was never sent under a number is not told under one that was
    for (const batch of after.slice(before.length))
      if ('t' in batch) expect(Math.min(...batch.t)).toBeGreaterThan(Math.max(...timesOf(before)) - 1);
  }
});

const timesOf = (batches: readonly LaneBatch[]): number[] =>
  batches.flatMap((batch) => ('t' in batch ? [...batch.t] : []));
