import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SampleBatch, VirtualClock, Zone, silentLog, type EventRecord } from '@smx-edge/model';
import { Store } from './store.js';

const MIB = 2 ** 20;
const HOUR = 3_600_000;

let root: string;
let clock: VirtualClock;
let open: Store[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'smx-quota-'));
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close().catch(() => undefined);
  rmSync(root, { recursive: true, force: true });
});

async function openStore(dir: string, budget: number): Promise<Store> {
  const options = { clock, zone: new Zone('UTC'), log: silentLog, flush: 1e9, budget, raw: 1e13 };
  const store = await Store.open({ dir, ...options });
  open.push(store);
  return store;
}

/** So many samples of a kilobyte that cannot be packed, some an hour, sealed. */
async function fill(store: Store, samples: number): Promise<void> {
  const device = { device: 'd', instance: 'i', unit: null, type: 'string', kind: 'state', maxAge: 0 } as const;
  const handle = store.live.handleOf('d/text') ?? store.live.declare({ path: 'd/text', ...device });
  const batch = new SampleBatch();
  for (let i = 0; i < samples; i++) {
    batch.clear(clock.now());
    batch.other.set(batch.add(handle), randomBytes(768).toString('base64'));
    store.live.ingest(batch);
    clock.advance(HOUR / 500);
    if (i % 50 === 0) await store.flush();
  }
  await store.flush();
  await store.settled();
}

async function count(store: Store): Promise<number> {
  let n = 0;
  const handle = store.live.handleOf('d/text')!;
  for await (const rows of store.history({ handle, from: 0, to: 9e15 })) n += rows.length;
  return n;
}

const of = (events: readonly EventRecord[], wanted: string): EventRecord[] =>
  events.filter(({ code }) => code === wanted);

const thinned = (events: readonly EventRecord[]): number =>
  of(events, 'SMX_STORE_GAP').reduce((sum, { data }) => {
    const { why, samples = 0 } = data as { why: string; samples?: number };
    return sum + (why === 'budget' ? samples : 0);
  }, 0);

const sizeOf = (dir: string): number => statSync(join(dir, 'history.db')).size;

describe('the quota of samples and windows', () => {
  it('is warned of from 80 % on, once, and what goes beyond it is told to the sample', async () => {
    const dir = join(root, 'data');
    let store = await openStore(dir, 4 * MIB);
    await fill(store, 2500);
    expect(of(await store.events({}), 'SMX_STORE_QUOTA')).toEqual([]);
    await fill(store, 2000);
    expect(of(await store.events({}), 'SMX_STORE_QUOTA')).toMatchObject([
      { state: 'raised', severity: 'warning', data: { quota: 4 * MIB } },
    ]);
    await fill(store, 3000);
    // as it is once all is thinned
    await store.settled();
    const { used, quota } = store.usage!;
    expect(used).toBeGreaterThan(0.8 * quota);
    expect(used).toBeLessThanOrEqual(quota);
    expect(thinned(await store.events({}))).toBe(7500 - (await count(store)));
    await store.close();
    store = await openStore(dir, 40 * MIB);
    await store.settled();
    expect(of(await store.events({}), 'SMX_STORE_QUOTA').map(({ state }) => state)).toEqual(['raised', 'cleared']);
  });

  it('gives space back to the disk where the budget is lowered', async () => {
    const dir = join(root, 'data');
    let store = await openStore(dir, 40 * MIB);
    await fill(store, 6000);
    await store.close();
    expect(sizeOf(dir)).toBeGreaterThan(4 * MIB);
    store = await openStore(dir, 2 * MIB);
    await store.settled();
    await store.close();
    expect(sizeOf(dir)).toBeLessThan(2.3 * MIB);
    store = await openStore(dir, 2 * MIB);
    const left = await count(store);
    expect(left).toBeGreaterThan(500);
    expect(thinned(await store.events({}))).toBe(6000 - left);
  });
});

const disk = (size: string): string | undefined => {
  const at = mkdtempSync(join(tmpdir(), 'smx-full-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at]).status === 0) return at;
  rmSync(at, { recursive: true });
  return undefined;
};

const canMount = ((): boolean => {
  const at = process.getuid?.() === 0 ? disk('64k') : undefined;
  if (at === undefined) return false;
  spawnSync('umount', [at]);
  rmSync(at, { recursive: true });
  return true;
})();

(canMount ? describe : describe.skip)('the quota on a disk that is smaller than the budget', () => {
  it('is 80 % of the disk, and thins also where a stranger has filled that', async () => {
    const at = disk('100m')!;
    const dir = join(at, 'data');
    try {
      let store = await openStore(dir, 1e9);
      await fill(store, 6000);
      expect(store.usage?.quota).toBe(Math.floor(0.8 * 100 * MIB));
      clock.advance(10_000);
      await store.settled();
      expect(existsSync(join(dir, 'ballast'))).toBe(true);
      await store.close();
      const before = sizeOf(dir);
      spawnSync('sh', ['-c', `cat /dev/zero > ${join(at, 'fill')} 2>/dev/null`]);
      store = await openStore(dir, 2 * MIB);
      while (sizeOf(dir) > before / 2) {
        clock.advance(1000);
        await store.settled().catch(() => undefined);
        await pause(10);
      }
      const left = await count(store);
      expect(left).toBeGreaterThan(500);
      expect(thinned(await store.events({}))).toBe(6000 - left);
      // what came free takes what comes now
      writeFileSync(join(at, 'other'), Buffer.alloc(MIB));
      await fill(store, 100);
      expect(await count(store)).toBe(6100 - thinned(await store.events({})));
    } finally {
      for (const store of open.splice(0)) await store.close().catch(() => undefined);
      spawnSync('umount', ['-l', at]);
      rmSync(at, { recursive: true, force: true });
    }
  });
});
