import { SampleBatch, silentLog, SmxError, VirtualClock, Zone, type EventRecord } from '@smx-edge/model';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from './store.js';

const PAGE = 4096;
const EVENTS = 300;
const PROFILE = { device: 'd', id: 'p', period: 60_000, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] };
const LANE = { principal: 'party', stream: 'inst' };

let dir: string;
let clock: VirtualClock;
let open: Store[];

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'smx-salvage-')), 'data');
  clock = new VirtualClock();
  open = [];
});
afterEach(async () => {
  for (const store of open) await store.close().catch(() => undefined);
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

const path = (): string => join(dir, 'store.db');

/** A store with something of each kind, closed. */
async function filled(text = (n: number): string => `event ${n} is here`): Promise<void> {
  const store = await openStore();
  const handle = store.live.declare({
    ...{ path: 'd/a', device: 'd', instance: 'i', unit: null, type: 'number', kind: 'state', maxAge: 0 },
  });
  await store.profiles.put(PROFILE);
  await store.putPrincipal({ name: 'ada', kind: 'user', roles: [], createdAt: 1 } as never);
  await store.stateSet('i', 'k', { kept: true });
  const form = { handle, maxAge: 0, every: 0, as: 'last', delay: 0, round: 0, interval: 0 } as const;
  await store.lane.openLane(LANE, { cat: 'c', batch: 60_000, forms: [form] }, { since: clock.now(), gone: [] });
  const batch = new SampleBatch();
  for (let n = 0; n < EVENTS; n++) {
    batch.clear(clock.now());
    batch.number[batch.add(handle)] = n;
    store.live.ingest(batch);
    store.append({ t: clock.now(), kind: 'system', principal: 'test', data: { n } });
    const event = { t: clock.now(), path: 'd', code: 'HERE', severity: 'info', state: 'once', text: text(n) } as const;
    const files = n === 7 ? [{ name: 'a.bin', type: 'application/octet-stream', bytes: Buffer.alloc(2000, 7) }] : [];
    await Promise.all([
      store.addEvent(event, files),
      store.profiles.append({ ...PROFILE, rows: [[clock.now(), 0, `${n}.0`]], source: null }),
    ]);
    clock.advance(60_000);
  }
  await store.flush();
  await store.close();
}

async function eventsOf(store: Store): Promise<EventRecord[]> {
  return (await store.events({})).filter(({ code }) => code === 'HERE');
}

async function rowsOf(store: Store): Promise<number> {
  return (await store.profiles.rows({ ...PROFILE, from: 0, to: Number.MAX_SAFE_INTEGER })).length;
}

/** Waits for a store whose thread ended to be there again. */
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

/** Flips a bit in a text wherever it stands in the file: some places may be free already. */
function flip(text: string): void {
  const bytes = readFileSync(path());
  let at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  for (; at >= 0; at = bytes.indexOf(text)) bytes[at + text.length - 2]! ^= 0x01;
  writeFileSync(path(), bytes);
}

describe('a store with a flipped bit', () => {
  it('in an event gives all but that one, and goes on under its epoch with everything else', async () => {
    await filled();
    const before = await openStore();
    const { epoch } = before;
    await before.close();
    flip('event 123 is here');
    const store = await openStore();
    await store.settled();
    const texts = (await eventsOf(store)).map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: EVENTS }, (_, n) => `event ${n} is here`).filter((_, n) => n !== 123));
    expect(store.epoch).toBe(epoch);
    expect(await rowsOf(store)).toBe(EVENTS);
    expect(store.principals()).toMatchObject([{ name: 'ada' }]);
    expect(await store.stateGet('i', 'k')).toEqual({ kept: true });
    expect(await store.verifyLedger()).toMatchObject({ ok: true });
    expect(await store.lane.lanePlan(LANE)).toBeDefined();
    const file = await store.eventFile((await eventsOf(store))[7]!.id, 'a.bin');
    expect(Buffer.from(file!.bytes).equals(Buffer.alloc(2000, 7))).toBe(true);
    const told = await store.events({ after: EVENTS });
    expect(told).toMatchObject([
      { code: 'SMX_STORE_DAMAGED', severity: 'critical', data: { epoch: 'kept', short: [] } },
      { code: 'SMX_STORE_SALVAGED', data: { lost: { events: 1, ledger: 0, profile_rows: 0 } } },
    ]);
    expect(readdirSync(dir).filter((name) => /damaged|suspect/.test(name))).toEqual([]);
  });

  it('in a row of a load profile leaves that row out, and tells it', async () => {
    await filled();
    flip('"123.0"');
    const store = await openStore();
    expect(await rowsOf(store)).toBe(EVENTS - 1);
    await store.flush();
    expect(await store.verifyLedger()).toMatchObject({ ok: false });
    await store.profiles.append({ ...PROFILE, rows: [[clock.now(), 0, '1.0']], source: null });
    expect(await store.events({ after: EVENTS })).toMatchObject([
      { code: 'SMX_STORE_DAMAGED', severity: 'alarm', data: { profileRow: 124 } },
    ]);
  });

  it('in what names batches of links begins a new epoch, and keeps the rest', async () => {
    await filled();
    const before = await openStore();
    const { epoch } = before;
    await before.close();
    clock.advance(1000);
    flip('"cat":"c"');
    const store = await openStore();
    expect(store.epoch).toBeGreaterThan(epoch);
    await store.settled();
    expect(await store.lane.lanePlan(LANE)).toBeUndefined();
    expect((await eventsOf(store)).length).toBe(EVENTS);
    const handle = store.live.declare({
      ...{ path: 'd/a', device: 'd', instance: 'i', unit: null, type: 'number', kind: 'state', maxAge: 0 },
    });
    let samples = 0;
    for await (const rows of store.history({ handle, from: 0, to: 9e12 })) samples += rows.length;
    expect(samples).toBe(EVENTS);
  });
});

describe('a store with a page of noise', () => {
  it('wherever it is comes up, gives no wrong row, and loses no more than what is told', async () => {
    await filled();
    const clean = readFileSync(path());
    for (let page = 0; page < clean.length / PAGE; page += 3) {
      for (const name of readdirSync(dir)) if (/^store\.db.*(damaged|wal|shm)/.test(name)) rmSync(join(dir, name));
      const bytes = Buffer.from(clean);
      bytes.fill(0xa7, page * PAGE, page * PAGE + PAGE);
      writeFileSync(path(), bytes);
      clock.advance(1000);
      const store = await openStore();
      await store.settled();
      const texts = (await eventsOf(store)).map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.filter((text) => !/^event \d+ is here$/.test(text))).toEqual([]);
      const [told] = (await store.events({})).filter(({ code }) => code === 'SMX_STORE_SALVAGED').slice(-1);
      const { lost } = told!.data as { lost: { events: number; profile_rows: number } };
      expect(texts.length).toBe(EVENTS - lost.events);
      expect(await rowsOf(store)).toBe(EVENTS - lost.profile_rows);
      await store.close();
    }
  });

  it('that is met only in use is set aside without a restart of the core', async () => {
    await filled((n) => `event ${n} is here ${'x'.repeat(4000)} and here`);
    const store = await openStore();
    const { epoch } = store;
    const size = statSync(path()).size;
    const file = openSync(path(), 'r+');
    for (let at = size / 2; at < size / 2 + 40 * PAGE; at += PAGE)
      writeSync(file, Buffer.alloc(PAGE, 0xa7), 0, PAGE, Math.floor(at / PAGE) * PAGE);
    closeSync(file);
    await inTheEnd(() => store.events({ after: 0 }));
    await inTheEnd(() => store.settled());
    const found = await inTheEnd(() => eventsOf(store));
    expect(store.epoch).toBe(epoch);
    expect(store.fault).toBeUndefined();
    expect(found.length).toBeLessThan(EVENTS);
    expect(found.length).toBeGreaterThan(EVENTS / 2);
    const told = await store.events({ after: EVENTS });
    expect(told.filter(({ code }) => code !== 'SMX_STORE_FAILED')).toMatchObject([
      { code: 'SMX_STORE_DAMAGED' },
      { code: 'SMX_STORE_SALVAGED', data: { lost: { events: EVENTS - found.length } } },
    ]);
  });
});
