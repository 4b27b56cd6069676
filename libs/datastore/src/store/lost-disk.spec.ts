import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SampleBatch, SmxError, VirtualClock, Zone, silentLog, type EventRecord } from '@smx-edge/model';
import { Store } from './store.js';

const did = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

/** A file system of a file of its own, which the kernel makes read-only at an error, as that of a card. */
class Card {
  readonly at: string;
  private readonly image: string;

  constructor(root: string) {
    this.at = join(root, 'card');
    this.image = join(root, 'image');
    mkdirSync(this.at);
  }

  mount(): boolean {
    if (!existsSync(this.image) && !did('mkfs.ext4', '-q', this.image, '16m')) return false;
    return did('mount', '-o', 'loop,errors=remount-ro', this.image, this.at);
  }

  /** What an error of the journal of the file system does. */
  fail(): boolean {
    return did('mount', '-o', 'remount,abort', this.at);
  }

  unmount(): boolean {
    return did('umount', this.at);
  }

  remove(): void {
    did('umount', '-l', this.at);
  }
}

const canMount = ((): boolean => {
  const root = mkdtempSync(join(tmpdir(), 'smx-mount-'));
  const card = new Card(root);
  const can = process.getuid?.() === 0 && card.mount() && card.fail();
  card.remove();
  rmSync(root, { recursive: true });
  return can;
})();

let root: string;
let clock: VirtualClock;
let open: Store[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'smx-lost-'));
  clock = new VirtualClock();
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close().catch(() => undefined);
  rmSync(root, { recursive: true, force: true });
});

async function openStore(dir: string): Promise<Store> {
  const options = { clock, zone: new Zone('UTC'), log: silentLog, flush: 1e9, budget: 1e9, raw: 1e13 };
  const store = await Store.open({ dir, ...options });
  open.push(store);
  return store;
}

/** Samples, an entry of the ledger, and a point of its own, as `n` says. */
class Feed {
  private readonly batch = new SampleBatch();
  n = 0;

  constructor(private readonly store: Store) {}

  put(): void {
    const { store } = this;
    const path = `d/p${this.n % 3}`;
    const device = { device: 'd', instance: 'i', unit: null, type: 'number', kind: 'state', maxAge: 0 } as const;
    const handle = store.live.handleOf(path) ?? store.live.declare({ path, ...device });
    this.batch.clear(clock.now());
    this.batch.number[this.batch.add(handle)] = this.n++;
    store.live.ingest(this.batch);
    store.append({ t: clock.now(), kind: 'system', principal: 'test', data: { n: this.n } });
    clock.advance(1000);
  }
}

async function values(store: Store): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { handle } of store.live.points())
    for await (const rows of store.history({ handle, from: 0, to: 9e15 }))
      found.push(...rows.map(([, value]) => value));
  return found.sort((a, b) => Number(a) - Number(b));
}

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    clock.advance(1000);
    await pause(10);
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof SmxError) return error.code;
    throw error;
  }
}

const told = (events: readonly EventRecord[]): string[] => events.map(({ code, state }) => `${code} ${state}`);

/** Goes on for a while without its disk, has that brought back, and checks that nothing was lost. */
async function survive(
  store: Store,
  feed: Feed,
  { code, repair }: { code: string; repair: () => void },
): Promise<void> {
  await until(() => {
    feed.put();
    return store.fault?.code === code;
  });
  expect(await codeOf(store.flush())).toMatch(/^SMX_STORE_/);
  // long enough for new threads to look at what is there
  const openings = clock.now() + 30_000;
  for (let real = performance.now(); clock.now() < openings || performance.now() - real < 300;) {
    feed.put();
    await pause(5);
  }
  expect(store.fault?.code).toBe(code);
  repair();
  await until(() => store.fault === undefined);
  feed.put();
  await store.flush();
  expect(await values(store)).toEqual(numbers(feed.n));
  expect(await store.verifyLedger()).toMatchObject({ ok: true, entries: feed.n });
  await until(async () => told(await store.events({})).includes(`${code} cleared`));
}

describe('a data folder that is gone', () => {
  it('is a fault with a code, takes nothing for kept, and all goes on once it is back', async () => {
    const [dir, away] = [join(root, 'data'), join(root, 'away')];
    const store = await openStore(dir);
    const feed = new Feed(store);
    feed.put();
    await store.flush();
    feed.put();
    renameSync(dir, away);
    await survive(store, feed, {
      code: 'SMX_STORE_FOLDER',
      repair: () => {
        // nothing was begun in its place
        expect(existsSync(dir)).toBe(false);
        renameSync(away, dir);
      },
    });
    await store.close();
    expect(await values(await openStore(dir))).toEqual(numbers(feed.n));
  });

  it('is not taken for one that is empty or of another store', async () => {
    const [dir, away, other] = [join(root, 'data'), join(root, 'away'), join(root, 'other')];
    clock.advance(5);
    const stranger = await openStore(other);
    await stranger.addEvent({ t: 1, path: 'box', code: 'OTHER', severity: 'info', state: 'once', text: '' });
    await stranger.close();
    clock.advance(5);
    const store = await openStore(dir);
    const feed = new Feed(store);
    feed.put();
    await store.flush();
    renameSync(dir, away);
    mkdirSync(dir);
    await survive(store, feed, {
      code: 'SMX_STORE_FOLDER',
      repair: () => {
        expect(readdirSync(dir)).toEqual([]);
        rmSync(dir, { recursive: true });
        renameSync(away, dir);
      },
    });
    renameSync(dir, away);
    renameSync(other, dir);
    await survive(store, feed, {
      code: 'SMX_STORE_FOLDER',
      repair: () => {
        renameSync(dir, other);
        renameSync(away, dir);
      },
    });
    await store.close();
    expect(told(await (await openStore(other)).events({}))).toEqual(['OTHER once']);
  });
});

(canMount ? describe : describe.skip)('a disk that the kernel has made read-only', () => {
  it('is a fault with a code; its files are let go, so that it can be mounted again, and nothing is lost', async () => {
    const card = new Card(root);
    expect(card.mount()).toBe(true);
    try {
      const store = await openStore(join(card.at, 'data'));
      const feed = new Feed(store);
      feed.put();
      await store.flush();
      // written and not on disk
      for (let i = 0; i < 5; i++) feed.put();
      expect(await values(store)).toEqual(numbers(feed.n));
      expect(card.fail()).toBe(true);
      await survive(store, feed, {
        code: 'SMX_STORE_READONLY',
        repair: () => {
          expect(card.unmount()).toBe(true);
          expect(card.mount()).toBe(true);
        },
      });
      await store.close();
      expect(await values(await openStore(join(card.at, 'data')))).toEqual(numbers(feed.n));
    } finally {
      for (const store of open.splice(0)) await store.close().catch(() => undefined);
      card.remove();
    }
  });

  it('opens a store with what it knows, takes nothing away from it, and goes on once it takes writes', async () => {
    const card = new Card(root);
    expect(card.mount()).toBe(true);
    try {
      const dir = join(card.at, 'data');
      let store = await openStore(dir);
      const feed = new Feed(store);
      feed.put();
      await store.putPrincipal({ name: 'dso', kind: 'token', role: 'admin', created: 1 });
      await store.stateSet('p1', 'memory', { n: 1 });
      await store.flush();
      // as a power cut leaves it: with the log of the database, and the lock of a process that is gone
      const cut = join(root, 'cut');
      cpSync(dir, cut, { recursive: true });
      const { epoch, ledgerHead } = store;
      await store.close();
      rmSync(dir, { recursive: true });
      cpSync(cut, dir, { recursive: true });
      writeFileSync(join(dir, 'lock'), '1 1 none\n');
      const names = readdirSync(dir).sort();
      expect(card.fail()).toBe(true);
      store = await openStore(dir);
      expect(store.fault).toMatchObject({ code: 'SMX_STORE_READONLY', message: expect.stringContaining('read-only') });
      expect([store.epoch, store.ledgerHead]).toEqual([epoch, ledgerHead]);
      expect(store.principals()).toMatchObject([{ name: 'dso' }]);
      expect(await store.stateGet('p1', 'memory')).toEqual({ n: 1 });
      expect(await codeOf(store.stateSet('p1', 'memory', { n: 2 }))).toBe('SMX_STORE_FAILED');
      const later = new Feed(store);
      later.n = 1;
      later.put();
      expect([...store.live.points()].map(({ handle, definition }) => [handle, definition.path])).toEqual([
        [store.live.handleOf('d/p0'), 'd/p0'],
        [store.live.handleOf('d/p1'), 'd/p1'],
      ]);
      expect(readdirSync(dir).sort()).toEqual(names);
      await survive(store, later, {
        code: 'SMX_STORE_READONLY',
        repair: () => expect(card.unmount() && card.mount()).toBe(true),
      });
      await store.close();
      expect(await values(await openStore(dir))).toEqual(numbers(later.n));
    } finally {
      for (const store of open.splice(0)) await store.close().catch(() => undefined);
      card.remove();
    }
  });

  it('keeps a store from opening that was never begun, and says so', async () => {
    const card = new Card(root);
    expect(card.mount()).toBe(true);
    try {
      const dir = join(card.at, 'data');
      mkdirSync(dir);
      expect(card.fail()).toBe(true);
      await expect(openStore(dir)).rejects.toMatchObject({
        code: 'SMX_STORE_READONLY',
        message: expect.stringContaining('read-only'),
      });
    } finally {
      for (const store of open.splice(0)) await store.close().catch(() => undefined);
      card.remove();
    }
  });
});
