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
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Store } from '../store/store.js';

const HOUR = 3_600_000;
const lane = (principal: string): LaneName => ({ principal, stream: 'inst' });

/** Two points that speak each second, one that speaks seldom, under three parties. */
describe('erasing while batches were not acknowledged', () => {
  let dir: string;
  let clock: VirtualClock;
  let store: Store;
  let handles: { power: number; soc: number; car: number };

  const openStore = (folder = dir): Promise<Store> =>
    Store.open({
      ...{ dir: folder, clock, zone: new Zone('Europe/Rome'), log: silentLog },
      ...{ flush: 10_000, budget: 2 ** 30, raw: 31 * 24 * HOUR },
    });
  const declare = (path: string): number =>
    store.live.declare({
      ...{ path, device: path.split('/')[0]!, instance: 'house', unit: null, type: 'number', kind: 'measurement' },
      maxAge: 0,
    });
  const open = (principal: string, own: readonly number[]): Promise<unknown> => {
    const form = (handle: number): LaneForm => ({
      ...{ handle, maxAge: 0, every: 0, as: 'last', delay: 0, round: 0, interval: 0 },
    });
    const plan: LanePlan = { cat: principal, batch: 10_000, forms: own.map(form) };
    return store.lane.openLane(lane(principal), plan, { since: clock.now(), gone: [] });
  };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'smx-erase-'));
    clock = new VirtualClock(Date.UTC(2026, 4, 1));
    store = await openStore();
    handles = { power: declare('pcc/power'), soc: declare('battery/soc'), car: declare('ev1/power') };
    await open('all', [handles.power, handles.soc]);
    await open('soc', [handles.soc]);
    await open('power', [handles.power]);
    await open('car', [handles.car]);
  });
  afterEach(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function run(seconds: number): Promise<void> {
    for (let s = 0; s < seconds; s++) {
      const batch = new SampleBatch();
      batch.clear(clock.now());
      const n = clock.now() / 1000;
      batch.number[batch.add(handles.power)] = n;
      batch.number[batch.add(handles.soc)] = n % 100;
      if (n % 30 === 0) batch.number[batch.add(handles.car)] = n;
      store.live.ingest(batch);
      clock.advance(1000);
      await store.stateGet('test', 'none');
    }
  }
  const read = (principal: string): Promise<LaneBatch[]> => store.lane.readLane(lane(principal), 1, 10_000);
  const erase = (match: string): Promise<unknown> => store.vault.erase({ match, before: clock.now(), by: 'owner' });
  const without = (batch: LaneBatch, handle: number): unknown => {
    if ('gap' in batch) return batch;
    const column = batch.id.indexOf(handle);
    const drop = <T>(list: readonly T[]): T[] => list.filter((_, i) => i !== column);
    return { ...batch, id: drop(batch.id), r: batch.r.map(drop), q: batch.q.filter(({ id }) => id !== handle) };
  };

  it('takes nothing from batches but what was erased, under their own numbers', async () => {
    await run(120);
    const before = {
      all: await read('all'),
      soc: await read('soc'),
      car: await read('car'),
      power: await read('power'),
    };
    expect(before.all.length).toBeGreaterThan(8);
    await erase('pcc/#');
    expect(await read('all')).toEqual(before.all.map((batch) => without(batch, handles.power)));
    expect(await read('soc')).toEqual(before.soc);
    expect(await read('car')).toEqual(before.car);
    // what had nothing else is told as a gap of the time it was about
    const left = await read('power');
    expect(left.map(({ seq }) => seq)).toEqual(before.power.map(({ seq }) => seq));
    for (const [i, batch] of left.entries())
      expect(batch).toMatchObject({ why: 'revoked', gap: [expect.any(Number), before.power[i]!.cut] });
  });

  it('gives no number to another batch where the box dies behind it', async () => {
    await run(60);
    const before = await read('power');
    await erase('pcc/#');
    await run(40);
    const after = { power: await read('power'), soc: await read('soc') };
    // as a kill -9 leaves it: whatever is in the folder now
    const copy = mkdtempSync(join(tmpdir(), 'smx-erase-'));
    cpSync(dir, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    const killed = await openStore(copy);
    try {
      const again = await killed.lane.readLane(lane('power'), 1, 10_000);
      expect(again.slice(0, after.power.length)).toEqual(after.power);
      expect(again.slice(before.length).some((batch) => 't' in batch)).toBe(true);
      expect(await killed.lane.readLane(lane('soc'), 1, after.soc.length)).toEqual(after.soc);
    } finally {
      await killed.close();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('leaves no value of it in what the streams keep', async () => {
    await run(60);
    const last = (await read('power')).flatMap((batch) => ('t' in batch ? batch.r.flat() : [])).at(-1);
    await erase('pcc/#');
    await store.close();
    const db = new Database(join(dir, 'store.db'), { readonly: true });
    const states = db.prepare<[], { state: string }>('SELECT state FROM lane_cuts').all();
    db.close();
    store = await openStore();
    expect(states.length).toBeGreaterThan(3);
    expect(states.filter(({ state }) => state.includes(`"value":${String(last)}`))).toEqual([]);
  });
});
