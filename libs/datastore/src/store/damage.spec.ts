import { SampleBatch, silentLog, SmxError, VirtualClock, Zone, type HistoryRow } from '@smx-edge/model';
import Database from 'better-sqlite3';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY } from '../database/database.js';
import { addRowSum } from '../database/row-sum.js';
import { Store } from './store.js';

const HOUR = 3_600_000;
const PAGE = 4096;

let dir: string;
let clock: VirtualClock;
const open: Store[] = [];

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'smx-damage-')), 'data');
  clock = new VirtualClock();
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close().catch(() => undefined);
  rmSync(join(dir, '..'), { recursive: true });
});

async function openStore(): Promise<Store> {
  const store = await Store.open({
    ...{ dir, clock, zone: new Zone('UTC'), log: silentLog },
    ...{ flush: 1e9, budget: 2 ** 30, raw: 1e12 },
  });
  open.push(store);
  return store;
}

const HOURS = 30;
const POINTS = 12;

const kept = mkdtempSync(join(tmpdir(), 'smx-damage-'));
afterAll(() => rmSync(kept, { recursive: true }));
let handlesKept: readonly number[] | undefined;

/** Sealed hours of points with values that say where they belong; written once, and copied where they are wanted again. */
async function filled(): Promise<readonly number[]> {
  if (handlesKept === undefined) {
    handlesKept = await fill();
    cpSync(dir, kept, { recursive: true });
  } else {
    cpSync(kept, dir, { recursive: true });
    clock.advance(HOURS * HOUR);
  }
  return handlesKept;
}

async function fill(): Promise<number[]> {
  const store = await openStore();
  const handles = Array.from({ length: POINTS }, (_, k) =>
    store.live.declare({
      ...{ path: `d/p${k}`, device: 'd', instance: 'i', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
    }),
  );
  const batch = new SampleBatch();
  for (let hour = 0; hour < HOURS; hour++) {
    for (let n = 0; n < 60; n++) {
      batch.clear(clock.now());
      for (const [k, handle] of handles.entries()) batch.number[batch.add(handle)] = valueOf(clock.now(), k);
      store.live.ingest(batch);
      clock.advance(60_000);
    }
    await store.settled();
  }
  await store.close();
  return handles;
}

/** Looks like noise, so that chunks fill pages. */
const valueOf = (t: number, k: number): number => Math.sin(t / 1000 + k);

async function rows(store: Store, handle: number): Promise<HistoryRow[]> {
  const found: HistoryRow[] = [];
  for await (const chunk of store.history({ handle, from: 0, to: 9e12 })) found.push(...chunk);
  return found;
}

/** Does something with a store once that is up again. */
async function inTheEnd<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SmxError) || error.code !== 'SMX_STORE_FAILED') throw error;
      clock.advance(1000);
      await new Promise((resume) => setTimeout(resume, 10));
    }
}

const rowsInTheEnd = (store: Store, handle: number): Promise<HistoryRow[]> => inTheEnd(() => rows(store, handle));

const path = (): string => join(dir, 'history.db');

describe('a damaged file of history', () => {
  it.each([
    ['in one page', (n: number) => n === 40, true],
    ['in every ninth page', (n: number) => n % 9 === 8, true],
    // its schema is known
    ['in its head', (n: number) => n === 0, false],
  ])('%s is set aside, what is sound comes back, and no value is wrong', async (_where, isHit, loses) => {
    const handles = await filled();
    const bytes = readFileSync(path());
    for (let n = 0; n < bytes.length / PAGE; n++) if (isHit(n)) bytes.fill(0xa7, n * PAGE, n * PAGE + PAGE);
    writeFileSync(path(), bytes);
    const store = await openStore();
    const { epoch } = store;
    for (const handle of handles) await rowsInTheEnd(store, handle);
    await store.settled();
    await store.flush();
    let total = 0;
    for (const [k, handle] of handles.entries()) {
      const found = await rowsInTheEnd(store, handle);
      expect(found.filter(([t, value]) => value !== valueOf(t, k))).toEqual([]);
      total += found.length;
    }
    expect(store.epoch).toBe(epoch);
    const missing = HOURS * 60 * POINTS - total;
    expect(missing > 0).toBe(loses);
    const events = await store.events({});
    const gaps = events.filter(({ code }) => code === 'SMX_STORE_GAP').map(({ data }) => data as { samples?: number });
    expect(gaps.length > 0).toBe(loses);
    // where the index was readable the gaps say exactly how much is missing
    const told = gaps.reduce((sum, { samples = 0 }) => sum + samples, 0);
    if (told > 0 && events.some(({ code }) => code === 'SMX_STORE_SALVAGED')) expect(told).toBe(missing);
    expect(readdirSync(dir).filter((name) => name.includes('damaged') || name.includes('suspect'))).toEqual([]);
    expect(statSync(path()).size).toBeGreaterThan(0);
  });

  it('in any page loses no more than what is told, to the sample', async () => {
    const handles = await filled();
    const [history, store] = [readFileSync(path()), readFileSync(join(dir, 'store.db'))];
    const pages = history.length / PAGE;
    for (let n = 0; n < pages; n += Math.ceil(pages / 9)) {
      const bytes = Buffer.from(history);
      bytes.fill(0xa7, n * PAGE, n * PAGE + PAGE);
      for (const name of readdirSync(dir)) if (/-(wal|shm)$/.test(name)) rmSync(join(dir, name));
      writeFileSync(path(), bytes);
      writeFileSync(join(dir, 'store.db'), store);
      const opened = await openStore();
      for (const handle of handles) await rowsInTheEnd(opened, handle);
      await inTheEnd(() => opened.settled());
      await inTheEnd(() => opened.flush());
      let total = 0;
      for (const handle of handles) total += (await rowsInTheEnd(opened, handle)).length;
      const events = await opened.events({});
      const gaps = events.filter(({ code }) => code === 'SMX_STORE_GAP').map(({ data }) => data as { samples: number });
      expect(gaps.reduce((sum, { samples }) => sum + samples, 0)).toBe(HOURS * 60 * POINTS - total);
      await opened.close();
    }
  });

  it('by single flipped bits never gives a wrong value', async () => {
    const handles = await filled();
    const clean = readFileSync(path());
    for (let round = 0; round < 6; round++) {
      const bytes = Buffer.from(clean);
      for (let i = 0; i < 5; i++) bytes[(7919 * (round * 5 + i + 1) * 131) % bytes.length]! ^= 1 << (i % 8);
      for (const end of ['-wal', '-shm']) rmSync(path() + end, { force: true });
      writeFileSync(path(), bytes);
      const store = await openStore();
      for (const [k, handle] of handles.entries()) {
        const found = await rowsInTheEnd(store, handle);
        expect(found.filter(([t, value]) => value !== valueOf(t, k))).toEqual([]);
      }
      await store.close();
    }
  });
});

describe('a damaged file of history of an earlier version', () => {
  it('gives back what it has, and goes', async () => {
    const handles = await filled();
    const db = new Database(path());
    addRowSum(db);
    db.exec('DROP TABLE minutes');
    db.pragma(`user_version = ${HISTORY.steps.length - 1}`);
    db.close();
    const bytes = readFileSync(path());
    bytes.fill(0xa7, 40 * PAGE, 41 * PAGE);
    writeFileSync(path(), bytes);
    const store = await openStore();
    for (const handle of handles) expect((await rowsInTheEnd(store, handle)).length).toBeGreaterThan(0);
    await store.settled();
    await store.flush();
    expect(readdirSync(dir).filter((name) => name.includes('damaged') || name.includes('suspect'))).toEqual([]);
    expect((await store.events({})).filter(({ code }) => code === 'SMX_STORE_SALVAGED')).toHaveLength(1);
    expect(store.fault).toBeUndefined();
  });
});

describe('another history', () => {
  it('beside a store with points of its own is set aside', async () => {
    await filled();
    const foreign = readFileSync(path());
    rmSync(dir, { recursive: true });
    clock.advance(HOUR);
    let store = await openStore();
    const own = store.live.declare({
      ...{ path: 'd/own', device: 'd', instance: 'i', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
    });
    await store.close();
    writeFileSync(path(), foreign);
    store = await openStore();
    expect(store.live.handleOf('d/own')).toBe(own);
    expect(await rows(store, own)).toEqual([]);
    expect(readdirSync(dir).some((name) => name.startsWith('history.db.epoch-'))).toBe(true);
  });
});
