import {
  SampleBatch,
  silentLog,
  VirtualClock,
  Zone,
  type LaneBatch,
  type LaneForm,
  type LaneHead,
  type LaneName,
  type LanePlan,
  type PointDefinition,
} from '@smx-edge/model';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreOptions } from '../store/options.js';
import { Store } from '../store/store.js';

const INST: LaneName = { principal: 'gesscon', stream: 'inst' };

let dir: string;
let clock: VirtualClock;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smx-lane-'));
  clock = new VirtualClock(Date.UTC(2026, 4, 1));
  store = await openStore();
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function openStore(more: Partial<StoreOptions> = {}): Promise<Store> {
  return Store.open({
    ...{ dir, clock, zone: new Zone('Europe/Rome'), log: silentLog },
    ...{ flush: 10_000, budget: 2 ** 30, raw: 31 * 86_400_000, ...more },
  });
}

async function reopen(more: Partial<StoreOptions> = {}): Promise<void> {
  await store.close();
  store = await openStore(more);
}

const declare = (path: string, more: Partial<PointDefinition> = {}): number =>
  store.live.declare({
    ...{ path, device: path.split('/')[0]!, instance: 'p1', unit: null, type: 'number', kind: 'measurement' },
    ...{ maxAge: 10_000, ...more },
  });

const raw = (handle: number, more: Partial<LaneForm> = {}): LaneForm => ({
  ...{ handle, maxAge: 10_000, every: 0, as: 'last', delay: 0, round: 0, interval: 0 },
  ...more,
});

/** A plan from now on; `gone` ends. */
const open = (next: LanePlan, gone: number[] = [], since = clock.now()): Promise<LaneHead> =>
  store.lane.openLane(INST, next, { since, gone });

const plan = (...forms: LaneForm[]): LanePlan => ({ cat: 'abc', batch: 10_000, forms });

function put(values: Record<number, number | null>, o: { t?: number; quality?: number } = {}): void {
  const batch = new SampleBatch();
  batch.clear(clock.now());
  for (const [handle, value] of Object.entries(values)) {
    const i = batch.add(Number(handle));
    batch.number[i] = value ?? NaN;
    batch.t[i] = o.t ?? clock.now();
    batch.quality[i] = o.quality ?? 0;
  }
  store.live.ingest(batch);
}

/** Samples each second for `seconds`; the store commits each ten. */
async function run(seconds: number, values: (second: number) => Record<number, number | null>): Promise<void> {
  for (let s = 0; s < seconds; s++) {
    put(values(Math.round(clock.now() / 1000)));
    clock.advance(1000);
    await thread();
  }
}

/** The thread has done all that was asked before. */
const thread = (): Promise<unknown> => store.stateGet('test', 'none');

const all = (): Promise<LaneBatch[]> => store.lane.readLane(INST, 1, 10_000);

/** Every value of a batch as `[handle, t, value]`. */
function valuesOf(batch: LaneBatch): [number, number, unknown][] {
  if ('gap' in batch) return [];
  const marked = new Set(batch.q.map(({ id, row }) => `${id}/${row}`));
  return batch.r.flatMap((row, i) =>
    batch.id.flatMap((id, k): [number, number, unknown][] =>
      row[k] === null && !marked.has(`${id}/${i}`) ? [] : [[id, batch.t[i]!, row[k]]],
    ),
  );
}

async function history(handle: number, more: { every?: number; as?: 'mean'; to?: number } = {}): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const rows of store.history({ handle, from: 0, to: 9e12, ...more }))
    found.push(...rows.map(([t, v]) => [handle, t, v]));
  return found;
}

describe('samples', () => {
  it('come as one row per time, one batch per span, and nothing from before the stream began', async () => {
    const power = declare('pcc/power/active');
    const soc = declare('battery/soc');
    put({ [power]: 1 });
    await open(plan(raw(power), raw(soc)));
    const t0 = clock.now();
    await run(25, (s) => ({ [power]: s, ...(s % 2 === 0 ? { [soc]: s / 10 } : {}) }));
    const batches = await all();
    expect(batches.map(({ seq }) => seq)).toEqual([1, 2]);
    const s = t0 / 1000;
    expect(batches[0]).toMatchObject({
      id: [power, soc],
      t: Array.from({ length: 10 }, (_, i) => t0 + i * 1000),
      q: [],
    });
    expect('r' in batches[0]! && batches[0].r.slice(0, 2)).toEqual([
      [s, s / 10],
      [s + 1, null],
    ]);
  });

  it('make no row of a change of quality alone, and a null one tells its quality', async () => {
    const power = declare('pcc/power/active', { maxAge: 3000 });
    await open(plan(raw(power, { maxAge: 3000 })));
    put({ [power]: 5 });
    const t = clock.now();
    clock.advance(8000);
    await thread();
    put({ [power]: null }, { quality: 3 });
    clock.advance(2000);
    await thread();
    expect((await all()).flatMap(valuesOf)).toEqual([
      [power, t, 5],
      [power, t + 8000, null],
    ]);
  });

  it('come in batches that any broker takes, also where each of a hundred points has times of its own', async () => {
    const handles = Array.from({ length: 100 }, (_, i) => declare(`d/p${i}`));
    await open(plan(...handles.map((handle) => raw(handle))));
    for (let s = 0; s < 20; s++) {
      for (const [i, handle] of handles.entries()) put({ [handle]: s + i / 10 }, { t: clock.now() - i });
      clock.advance(1000);
      await thread();
    }
    await run(20, () => ({}));
    const batches = await all();
    expect(Math.max(...batches.map((batch) => JSON.stringify(batch).length))).toBeLessThan(128 * 1024);
    expect(batches.flatMap(valuesOf)).toHaveLength(2000);
    expect(batches.length).toBeGreaterThan(5);
  });

  it('are held back and rounded as the form says', async () => {
    const power = declare('pcc/power/active');
    await open(plan(raw(power, { delay: 30_000, round: 10 })));
    const t0 = clock.now();
    await run(60, (s) => ({ [power]: s % 100 }));
    const given = (await all()).flatMap(valuesOf);
    expect(given.map(([, t]) => t)).toEqual(Array.from({ length: 30 }, (_, i) => t0 + i * 1000));
    expect(given.every(([, , value]) => (value as number) % 10 === 0)).toBe(true);
  });

  it('come as the last of each part of a rate, however the parts lie to the batches', async () => {
    const power = declare('pcc/power/active');
    await open(plan(raw(power, { interval: 15_000 })));
    const t0 = clock.now();
    await run(90, (s) => ({ [power]: s }));
    const given = (await all()).flatMap(valuesOf).map(([, t]) => t - t0);
    expect(given).toEqual([15_000, 30_000, 45_000, 60_000, 75_000]);
  });
});

describe('windows', () => {
  it('are those of history, each once, in batches of their length', async () => {
    const power = declare('pcc/power/active');
    const box = declare('box/cpu/load');
    await open(plan(raw(power, { every: 30_000, as: 'mean' })));
    await run(200, (s) => ({ [box]: s, ...((s - 1) % 90 < 30 ? {} : { [power]: s }) }));
    const batches = await all();
    const given = batches.flatMap(valuesOf);
    expect(batches.every((batch) => 'dt' in batch && batch.dt === 30_000)).toBe(true);
    const last = given.at(-1)![1];
    const expected = await history(power, { every: 30_000, as: 'mean', to: last });
    expect(given).toEqual(expected.slice(-given.length));
    expect(given.length).toBe(6);
    expect(given.some(([, , value]) => value === null)).toBe(true);
  });

  it('wait for a device whose clock is slow', async () => {
    const power = declare('pcc/power/active');
    await open(plan(raw(power, { every: 30_000, as: 'mean' })));
    for (let s = 0; s < 240; s++) {
      clock.advance(1000);
      put({ [power]: s }, { t: clock.now() - 45_000 });
      await thread();
    }
    const given = (await all()).flatMap(valuesOf);
    const expected = await history(power, { every: 30_000, as: 'mean', to: given.at(-1)![1] });
    expect(given.filter(([, , value]) => value !== null)).toEqual(
      expected.slice(-given.length).filter((row) => (row as unknown[])[2] !== null),
    );
    expect(given.length).toBeGreaterThan(4);
  });

  it('are whole also where the card is so slow that samples wait for it', async () => {
    const power = declare('pcc/power/active');
    await open(plan(raw(power, { every: 10_000, as: 'mean' })));
    for (let round = 0; round < 6; round++) {
      // the thread comes to nothing in half a minute
      for (let s = 0; s < 31; s++) {
        clock.advance(1000);
        put({ [power]: Math.round(clock.now() / 1000) });
      }
      await thread();
    }
    const given = (await all()).flatMap(valuesOf).filter(([, , value]) => value !== null);
    const expected = await history(power, { every: 10_000, as: 'mean', to: given.at(-1)![1] });
    expect(given).toEqual(expected.slice(-given.length));
    expect(given.length).toBeGreaterThan(10);
  });
});

describe('another plan', () => {
  it('begins where the one before ends, without a row lost or twice', async () => {
    const power = declare('pcc/power/active');
    const soc = declare('battery/soc');
    await open(plan(raw(power)));
    await run(17, (s) => ({ [power]: s, [soc]: s }));
    await open(plan(raw(power), raw(soc)));
    const at = clock.now();
    await run(43, (s) => ({ [power]: s, [soc]: s }));
    const given = (await all()).flatMap(valuesOf);
    expect(given.filter(([id]) => id === power)).toEqual(await history(power));
    expect(given.filter(([id]) => id === soc).map(([, t]) => t)[0]).toBe(at);
  });

  it('gives a point that joins from then on, also where a batch was cut before the plan was in force', async () => {
    const power = declare('pcc/power/active');
    const soc = declare('battery/soc');
    await open(plan(raw(power)));
    await run(16, (s) => ({ [power]: s, [soc]: s }));
    const since = clock.now();
    await run(9, (s) => ({ [power]: s, [soc]: s }));
    await open(plan(raw(power), raw(soc)), [], since);
    await run(35, (s) => ({ [power]: s, [soc]: s }));
    const given = (await all()).flatMap(valuesOf);
    expect(given.filter(([id]) => id === power)).toEqual(await history(power));
    const joined = ((await history(soc)) as [number, number, unknown][]).filter(([, t]) => t >= since);
    expect(given.filter(([id]) => id === soc)).toEqual(joined);
  });

  it('takes what ended out of everything that is sent later, and tells so by a batch', async () => {
    const power = declare('pcc/power/active');
    const soc = declare('battery/soc');
    await open(plan(raw(power), raw(soc)));
    await run(20, (s) => ({ [power]: s, [soc]: s }));
    await open(plan(raw(power)), [soc]);
    await run(20, (s) => ({ [power]: s, [soc]: s }));
    const batches = await all();
    expect(batches[2]).toEqual({
      seq: 3,
      cut: expect.any(Number),
      gap: [expect.any(Number), expect.any(Number)],
      why: 'revoked',
    });
    const given = batches.flatMap(valuesOf);
    expect(given.some(([id]) => id === soc)).toBe(false);
    expect(given.filter(([id]) => id === power)).toEqual(await history(power));
    await open({ ...plan(), cat: 'none' }, [power]);
    expect((await all()).map((batch) => 'gap' in batch && batch.why)).toEqual(Array(6).fill('revoked'));
  });
});

it('makes the same batches again once the samples are sealed and their files gone', async () => {
  const power = declare('pcc/power/active');
  const soc = declare('battery/soc');
  const text = declare('pcc/message', { type: 'string', kind: 'text' });
  await open(plan(raw(power), raw(soc, { every: 20_000, as: 'mean' }), raw(text)));
  await run(65, (s) => ({ [power]: s % 7 === 0 ? null : s / 10, [soc]: s }));
  const before = await all();
  await reopen();
  clock.advance(10_000);
  await store.settled();
  expect(readdirSync(join(dir, 'journal'))).toEqual([]);
  expect(await all()).toEqual(before);
  expect(before.length).toBeGreaterThan(6);
});

it('never gives a number twice, also where a stream was closed', async () => {
  const power = declare('pcc/power/active');
  await open(plan(raw(power)));
  await run(30, (s) => ({ [power]: s }));
  await store.lane.closeLane(INST);
  expect(await store.lane.lanes()).toEqual([]);
  await reopen();
  expect(await open(plan(raw(power)))).toEqual({ next: 4, acked: [[1, 3]] });
});

it('keeps what was acknowledged over a restart', async () => {
  const power = declare('pcc/power/active');
  await open(plan(raw(power)));
  await run(50, (s) => ({ [power]: s }));
  store.lane.ackLane(INST, [
    [1, 2],
    [4, 99],
  ]);
  await reopen();
  expect(await open(plan(raw(power)))).toEqual({
    next: 6,
    acked: [
      [1, 2],
      [4, 5],
    ],
  });
});

it('makes the same batches again, over restarts, late samples, clock steps and changes of plan', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(actions, { minLength: 5, maxLength: 25 }), async (steps) => {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
      store = await openStore();
      const handles = ['a/x', 'a/y', 'b/z'].map((path) => declare(path));
      const plans = [
        plan(...handles.map((handle) => raw(handle))),
        plan(raw(handles[0]!, { every: 30_000, as: 'mean' }), raw(handles[1]!, { delay: 20_000 })),
        plan(raw(handles[0]!, { interval: 7000 }), raw(handles[1]!), raw(handles[2]!, { every: 60_000, as: 'max' })),
      ];
      await open(plans[0]!);
      const seen = new Map<number, LaneBatch>();
      for (const step of steps) {
        if (step.do === 'run')
          for (let s = 0; s < step.n; s++) {
            clock.advance(1000);
            put({ [handles[s % 3]!]: s }, { t: clock.now() - (s % 5 === 0 ? step.late : 0) });
            if (s % 9 === 0) await thread();
          }
        else if (step.do === 'restart') await reopen();
        else if (step.do === 'step') clock.setWall(clock.now() + step.by);
        else await open(plans[step.plan]!);
        const batches = await all();
        expect(batches.map(({ seq }) => seq)).toEqual(batches.map((_, i) => i + 1));
        for (const batch of batches) {
          expect(seen.get(batch.seq) ?? batch).toEqual(batch);
          seen.set(batch.seq, batch);
        }
      }
    }),
    { numRuns: 12 },
  );
});

const actions = fc.oneof(
  fc.record({
    do: fc.constant('run' as const),
    n: fc.integer({ min: 1, max: 120 }),
    late: fc.constantFrom(0, 700, 90_000),
  }),
  fc.record({ do: fc.constant('restart' as const) }),
  fc.record({ do: fc.constant('step' as const), by: fc.constantFrom(-3_600_000, -1500, 90_000, 3 * 86_400_000) }),
  fc.record({ do: fc.constant('plan' as const), plan: fc.integer({ min: 0, max: 2 }) }),
);
