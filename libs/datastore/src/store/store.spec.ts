import {
  SampleBatch,
  silentLog,
  SmxError,
  systemClock,
  VirtualClock,
  Zone,
  type Clock,
  type EventRecord,
  type HistoryRow,
  type PointDefinition,
} from '@smx-edge/model';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { addRowSum } from '../database/row-sum.js';
import { FRAME_HEAD, FrameWalker } from '../journal/frame.js';
import { SEGMENT_HEAD } from '../journal/segment.js';
import { openStoreForAdmin } from './admin.js';
import type { StoreOptions } from './options.js';
import { Store } from './store.js';

const point = (path: string, more: Partial<PointDefinition> = {}): PointDefinition => ({
  path,
  device: path.split('/')[0]!,
  instance: 'p1',
  unit: null,
  type: 'number',
  kind: 'measurement',
  maxAge: 10_000,
  ...more,
});

/** A mark, the record without samples that ends each sync. */
const MARK_PAYLOAD = 8;

let dir: string;
const open: Store[] = [];

async function openStore(clock: Clock, more: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await Store.open({
    dir,
    clock,
    zone: new Zone('Europe/Rome'),
    log: silentLog,
    flush: 10_000,
    budget: 2 ** 30,
    raw: 31 * 86_400_000,
    ...more,
  });
  open.push(store);
  return store;
}

function put(store: Store, received: number, values: Record<number, number | string | readonly number[] | null>): void {
  const batch = new SampleBatch();
  batch.clear(received);
  for (const [handle, value] of Object.entries(values)) {
    const i = batch.add(Number(handle));
    if (typeof value === 'number') batch.number[i] = value;
    else batch.other.set(i, value);
  }
  store.live.ingest(batch);
}

async function rows(
  store: Store,
  handle: number,
  more: { from?: number; to?: number; every?: number; as?: 'mean' | 'last' } = {},
): Promise<HistoryRow[]> {
  const found: HistoryRow[] = [];
  for await (const chunk of store.history({ handle, from: 0, to: 9e12, ...more })) {
    expect(chunk.length).toBeLessThanOrEqual(2000);
    found.push(...chunk);
  }
  return found;
}

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof SmxError ? error.code : String(error)),
  );

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resume) => setTimeout(resume, 10));
};

const segmentFiles = (): string[] =>
  readdirSync(join(dir, 'journal'))
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(dir, 'journal', name));

const event = (code: string, t = 1): Parameters<Store['addEvent']>[0] => ({
  t,
  path: 'pcc',
  code,
  severity: 'info',
  state: 'once',
  text: 'text',
});

beforeEach(() => (dir = join(mkdtempSync(join(tmpdir(), 'smx-store-')), 'data')));

afterEach(async () => {
  for (const store of open.splice(0)) await store.close().catch(() => undefined);
  rmSync(join(dir, '..'), { recursive: true });
});

describe('what the store keeps', () => {
  it('is there again: handles, samples of every type, events, principals, ledger and state', async () => {
    const clock = new VirtualClock();
    let store = await openStore(clock);
    const { epoch } = store;
    expect(epoch).toBe(clock.now());
    const power = store.live.declare(point('pcc/power/active'));
    const text = store.live.declare(point('pcc/message', { type: 'string', kind: 'text' }));
    const flag = store.live.declare(point('pcc/online', { type: 'boolean', kind: 'state' }));
    const list = store.live.declare(point('pcc/peaks', { type: 'numbers' }));
    const gone = store.live.declare(point('pcc/gone'));
    store.live.remove(gone);
    const t = clock.now();
    put(store, t, { [power]: -0.1, [text]: 'grüß', [flag]: 1, [list]: [1, 2.5] });
    clock.advance(1000);
    put(store, t + 1000, { [power]: NaN, [flag]: 0 });
    const added = await store.addEvent({ ...event('A'), data: { x: [1] } });
    await store.putPrincipal({ name: 'gesscon', kind: 'token', role: 'viewer', created: 5 });
    await store.putPrincipal({ name: 'old', kind: 'token', role: 'viewer', created: 5 });
    await store.removePrincipal('old');
    store.append({ t, kind: 'grant', principal: 'gesscon', data: { b: 1, a: 2 } });
    await store.stateSet('p1', 'counter', { n: 7 });
    await store.stateSet('p1', 'away', 1);
    await store.stateSet('p1', 'away', undefined);
    await store.close();
    const head = store.ledgerHead;

    store = await openStore(clock);
    expect(store.epoch).toBe(epoch);
    expect(store.live.declare(point('pcc/power/active'))).toBe(power);
    expect(store.live.handleOf('pcc/gone')).toBeUndefined();
    expect(store.live.declare(point('pcc/new'))).toBeGreaterThan(gone);
    expect(await rows(store, power)).toEqual([
      [t, -0.1],
      [t + 1000, null],
    ]);
    expect(await rows(store, text)).toEqual([[t, 'grüß']]);
    expect(await rows(store, flag)).toEqual([
      [t, true],
      [t + 1000, false],
    ]);
    expect(await rows(store, list)).toEqual([[t, [1, 2.5]]]);
    expect(await store.events({})).toEqual([added]);
    expect(added).toMatchObject({ id: 1, data: { x: [1] }, files: [] });
    expect(store.principals()).toEqual([{ name: 'gesscon', kind: 'token', role: 'viewer', created: 5 }]);
    expect(store.ledgerHead).toBe(head);
    expect(await store.ledger({})).toMatchObject([{ seq: 1, hash: head, data: { b: 1, a: 2 } }]);
    expect(await store.stateGet('p1', 'counter')).toEqual({ n: 7 });
    expect(await store.stateGet('p1', 'away')).toBeUndefined();
    expect(await store.stateSize('p1')).toBe('counter{"n":7}'.length);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('shows samples in history at once, before anything was flushed', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock);
    const a = store.live.declare(point('pcc/a'));
    put(store, clock.now(), { [a]: 1 });
    expect(await rows(store, a)).toEqual([[clock.now(), 1]]);
  });

  it('journals a point that turns stale, yet makes no row of a change of quality alone', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock);
    const a = store.live.declare(point('pcc/a'));
    const t = clock.now();
    put(store, t, { [a]: 1 });
    clock.advance(10_000);
    await store.flush();
    const frames = new FrameWalker(readFileSync(segmentFiles()[0]!), SEGMENT_HEAD);
    let records = 0;
    while (frames.next()) if (frames.end - frames.start > MARK_PAYLOAD) records++;
    expect(records).toBe(2);
    put(store, clock.now(), { [a]: 2 });
    expect(await rows(store, a)).toEqual([
      [t, 1],
      [clock.now(), 2],
    ]);
  });

  it('keeps a unique event once, also after a restart, and tells of it once', async () => {
    const clock = new VirtualClock();
    let store = await openStore(clock);
    const unique = { ...event('log.23', 5), data: { number: 23, values: {} }, unique: true };
    const told: string[] = [];
    store.onEvent(({ code }) => told.push(code));
    const first = await store.addEvent(unique);
    expect(await store.addEvent(unique)).toEqual(first);
    const other = await store.addEvent({ ...unique, data: { number: 23, values: {}, nth: 1 } });
    expect(told).toEqual(['log.23', 'log.23']);
    await store.close();
    store = await openStore(clock);
    expect(await store.addEvent(unique)).toEqual(first);
    expect(await store.events({})).toEqual([first, other]);
  });

  it('pages events by id and by time', async () => {
    const store = await openStore(new VirtualClock());
    const heard: EventRecord[] = [];
    const listening = store.onEvent((record) => heard.push(record));
    await Promise.all([1, 2, 3, 4].map((t) => store.addEvent(event(`E${t}`, t * 10))));
    listening.dispose();
    await store.addEvent(event('E5', 50));
    const codes = async (query: Parameters<Store['events']>[0]): Promise<string[]> =>
      (await store.events(query)).map(({ code }) => code);
    expect(heard.map(({ code }) => code)).toEqual(['E1', 'E2', 'E3', 'E4']);
    expect(await codes({ from: 20, to: 40 })).toEqual(['E2', 'E3', 'E4']);
    expect(await codes({ after: 2, limit: 2 })).toEqual(['E3', 'E4']);
    expect(await codes({ limit: 0 })).toEqual([]);
  });

  it('refuses what has no JSON or is too large, alone', async () => {
    const store = await openStore(new VirtualClock());
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const answers = await Promise.all([
      codeOf(store.stateSet('i', 'k', circle)),
      codeOf(store.stateSet('i', 'k', 'x'.repeat(2e6))),
      codeOf(store.stateSet('i', '', 1)),
      codeOf(store.stateSet('i', 'fine', 1)),
      codeOf(store.addEvent({ ...event('A'), data: 'x'.repeat(1e5) })),
      codeOf(store.addEvent(event('B'))),
    ]);
    expect(answers).toEqual([
      'SMX_STORE_VALUE',
      'SMX_STORE_VALUE',
      'SMX_STORE_VALUE',
      undefined,
      'SMX_STORE_VALUE',
      undefined,
    ]);
    expect(() => store.append({ t: 1, kind: 'system', principal: 'x', data: circle })).toThrow(SmxError);
    expect(store.fault).toBeUndefined();
  });

  it('lets the oldest samples go by age, and by budget, and says so', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock, { raw: 3 * 3_600_000, budget: 9_000_000 });
    const a = store.live.declare(point('pcc/a', { type: 'string', maxAge: 0 }));
    const start = clock.now();
    for (let hour = 0; hour < 6; hour++) {
      put(store, clock.now(), { [a]: 'small' });
      await store.flush();
      for (let minute = 0; minute < 60; minute += 10) {
        clock.advance(600_000);
        await store.flush();
      }
      await store.settled();
    }
    const left = (await rows(store, a)).map(([t]) => t);
    expect(left[0]).toBeGreaterThan(start);
    expect(left.length).toBeGreaterThanOrEqual(3);
    for (let i = 0; i < 2000; i++) {
      put(store, clock.now() + i, { [a]: `${i}x${randomBytes(6000).toString('base64')}` });
      if (i % 100 === 0) await store.flush();
      if (i % 500 === 0) await store.settled();
    }
    await store.settled();
    const files = [...segmentFiles(), join(dir, 'history.db')];
    const total = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(total).toBeLessThanOrEqual(9_000_000 * 1.4);
    expect((await rows(store, a)).at(-1)?.[1]).toMatch(/^1999x/);
    const gaps = (await store.events({})).filter(({ code }) => code === 'SMX_STORE_GAP');
    expect(gaps.map(({ data }) => (data as { why: string }).why)).toContain('budget');
  });
});

describe('the ledger', () => {
  const fillLedger = async (store: Store): Promise<void> => {
    for (let n = 1; n <= 6; n++) store.append({ t: n, kind: 'command', principal: `p${n}`, data: { n } });
    expect(await store.verifyLedger()).toMatchObject({ ok: true, entries: 6 });
  };

  it.each([
    ['an edited entry', 'UPDATE ledger SET data = \'{"n":9}\' WHERE seq = 3', 3],
    ['an edited time', 'UPDATE ledger SET t = 99 WHERE seq = 1', 1],
    ['data that is no JSON', "UPDATE ledger SET data = '{' WHERE seq = 4", 4],
    ['a deleted entry', 'DELETE FROM ledger WHERE seq = 2', 2],
    [
      'swapped entries',
      'UPDATE ledger SET seq = CASE seq WHEN 3 THEN -4 WHEN 4 THEN 3 ELSE seq END; UPDATE ledger SET seq = 4 WHERE seq = -4',
      3,
    ],
    ['entries cut off the end', 'DELETE FROM ledger WHERE seq >= 5', 5],
    ['a changed hash', "UPDATE ledger SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 6", 6],
    ['an emptied ledger', 'DELETE FROM ledger', 1],
  ])('finds %s', async (_what, sql, firstBad) => {
    let store = await openStore(new VirtualClock());
    await fillLedger(store);
    await store.close();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(join(dir, 'store.db'));
    // whoever edits it on purpose keeps the sums right
    addRowSum(db);
    db.exec(sql);
    db.close();
    store = await openStore(new VirtualClock());
    expect(await store.verifyLedger()).toMatchObject({ ok: false, firstBad });
  });

  it('goes on from its head after a restart', async () => {
    let store = await openStore(new VirtualClock());
    await fillLedger(store);
    await store.close();
    store = await openStore(new VirtualClock());
    store.append({ t: 7, kind: 'login', principal: 'x', data: {} });
    expect(await store.verifyLedger()).toMatchObject({ ok: true, entries: 7 });
    expect((await store.ledger({ from: 7 }))[0]?.hash).toBe(store.ledgerHead);
    expect(await store.ledger({ from: 2, limit: 2 })).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  });
});

describe('the lock', () => {
  it('keeps a second store out of the folder, also another process, and the admin door too', async () => {
    const store = await openStore(systemClock);
    expect(await codeOf(openStore(systemClock))).toBe('SMX_STORE_LOCKED');
    expect(await codeOf(openStoreForAdmin(dir))).toBe('SMX_STORE_LOCKED');
    const child = spawnSync(process.execPath, [
      '-e',
      `require('@smx-edge/datastore').openStoreForAdmin(${JSON.stringify(dir)}).then(() => console.log('in'), (e) => console.log(e.code))`,
    ]);
    expect(child.stdout.toString().trim()).toBe('SMX_STORE_LOCKED');
    await store.close();
    const admin = await openStoreForAdmin(dir);
    await admin.close();
  });

  it('is taken over from a process that is gone, from before a reboot, and from a reused pid', async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const gone = spawnSync('true').pid;
    for (const stale of [
      `${gone} 1 ${boot}`,
      `${process.pid} 1 ${boot}`,
      `${process.pid} 1 other-boot`,
      'garbage',
      '',
    ]) {
      const store = await openStore(systemClock);
      await store.close();
      writeFileSync(join(dir, 'lock'), stale);
      const next = await openStore(systemClock);
      await next.close();
      expect(existsSync(join(dir, 'lock'))).toBe(false);
    }
  });

  it('cannot be got round by deleting the lock file', async () => {
    await openStore(systemClock);
    rmSync(join(dir, 'lock'));
    expect(await codeOf(openStore(systemClock))).toBe('SMX_STORE_LOCKED');
  });
});

describe('the admin door', () => {
  it('works on a folder no core has used yet and beside the core afterwards', async () => {
    const admin = await openStoreForAdmin(dir);
    await admin.putPrincipal({ name: 'a', kind: 'token', role: 'owner', created: 1, tokenHash: 'ff' });
    admin.append({ t: 1, kind: 'grant', principal: 'a', data: { created: true } });
    expect(admin.principals()).toHaveLength(1);
    await admin.close();
    const store = await openStore(systemClock);
    expect(store.principals()).toMatchObject([{ name: 'a', tokenHash: 'ff' }]);
    expect(await store.verifyLedger()).toMatchObject({ ok: true, entries: 1 });
  });
});

describe('damage', () => {
  const filled = async (): Promise<{ epoch: number; clock: VirtualClock; handle: number }> => {
    const clock = new VirtualClock();
    const store = await openStore(clock);
    const handle = store.live.declare(point('pcc/a'));
    for (let n = 0; n < 50; n++) {
      put(store, clock.now(), { [handle]: n });
      await store.stateSet('i', `k${n}`, 'x'.repeat(1000));
      clock.advance(1000);
    }
    await store.flush();
    const { epoch } = store;
    await store.close();
    return { epoch, clock, handle };
  };

  it.each([
    [
      'no database at all',
      (path: string) => writeFileSync(path, 'this is no database, for sure it is none'.repeat(100)),
      true,
    ],
    [
      'a page of noise in it',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xa7, 4096 * 3, 4096 * 6);
        writeFileSync(path, bytes);
      },
      false,
    ],
    [
      'half of it gone',
      (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096 + 100),
      true,
    ],
  ])('of the database (%s) sets it aside, and no point loses a sample', async (_what, damage, isNew) => {
    const { epoch, clock, handle } = await filled();
    clock.advance(5000);
    damage(join(dir, 'store.db'));
    const store = await openStore(clock);
    expect(store.epoch > epoch).toBe(isNew);
    expect(readdirSync(dir).filter((name) => /^store\.db\.damaged-\d+$/.test(name))).toHaveLength(1);
    expect(await store.events({})).toContainEqual(
      expect.objectContaining({ code: 'SMX_STORE_DAMAGED', severity: 'critical' }),
    );
    // the points come back under their handles with all samples, and no other point gets one of these
    expect(await rows(store, store.live.declare(point('other/b')))).toEqual([]);
    expect(store.live.declare(point('pcc/a'))).toBe(handle);
    expect((await rows(store, handle)).map(([, value]) => value)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('of a sealed segment loses the record that was hit and nothing else', async () => {
    const { clock, handle } = await filled();
    const [file] = segmentFiles();
    const bytes = readFileSync(file!);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
    writeFileSync(file!, bytes);
    const store = await openStore(clock);
    const found = await rows(store, handle);
    expect(found.length).toBe(49);
    await store.flush();
    expect(await store.events({})).toMatchObject([{ code: 'SMX_STORE_GAP', data: { why: 'damaged' } }]);
  });

  it('of the tail of a segment that was not sealed costs only what was torn', async () => {
    const { clock, handle } = await filled();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(join(dir, 'history.db'));
    db.exec('DELETE FROM segments');
    db.close();
    const [file] = segmentFiles();
    truncateSync(file!, statSync(file!).size - FRAME_HEAD - MARK_PAYLOAD - 3);
    const store = await openStore(clock);
    expect((await rows(store, handle)).map(([, value]) => value)).toEqual(Array.from({ length: 49 }, (_, n) => n));
    await store.flush();
    expect(await store.events({})).toMatchObject([{ code: 'SMX_STORE_GAP', data: { why: 'torn' } }]);
  });

  it('of a segment that is gone is told, and the store opens', async () => {
    const { clock, handle } = await filled();
    for (const file of segmentFiles()) rmSync(file);
    const store = await openStore(clock);
    expect(await rows(store, handle)).toEqual([]);
    await store.flush();
    expect(await store.events({})).toMatchObject([{ code: 'SMX_STORE_GAP', data: { why: 'damaged', samples: 50 } }]);
  });
});

describe('kill -9', () => {
  it('loses nothing that was told to be written, time and again', async () => {
    let next = 0;
    for (let round = 0; round < 6; round++) {
      const child = spawn(
        process.execPath,
        [join(__dirname, '../../test-fixtures/journal-child.cjs'), dir, String(next)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let last = next - 1;
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        last = Number(line);
        if (last >= next + 5 + round * 7) child.kill('SIGKILL');
      });
      await once(child, 'exit');
      lines.close();
      const store = await openStore(systemClock);
      const handle = store.live.handleOf('d/n')!;
      const values = (await rows(store, handle)).map(([, value]) => value as number);
      expect(values.slice(0, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
      // the one that was under way may be there too
      expect(values.length).toBeLessThanOrEqual(last + 3);
      const events = await store.events({ limit: 1000 });
      expect(
        events
          .filter(({ code }) => code === 'N')
          .slice(0, last + 1)
          .map(({ t }) => t),
      ).toEqual(values.slice(0, last + 1));
      expect((await store.verifyLedger()).ok).toBe(true);
      next = values.length;
      const recorded = events.filter(({ code }) => code === 'N').length;
      // continue where the samples stand, so that the events line up too
      if (recorded < next) for (let n = recorded; n < next; n++) await store.addEvent(event('N', n));
      await store.close();
    }
  });
});

const canMount =
  process.getuid?.() === 0 &&
  ((): boolean => {
    const at = mkdtempSync(join(tmpdir(), 'smx-mount-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at]).status === 0;
    if (mounted) spawnSync('umount', [at]);
    rmSync(at, { recursive: true });
    return mounted;
  })();

let at: string;

/** A disk of that size at `at` for each test of the block. */
function onDisk(size: string): void {
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), 'smx-full-'));
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at]).status).toBe(0);
  });

  afterEach(async () => {
    for (const store of open.splice(0)) await store.close().catch(() => undefined);
    spawnSync('umount', ['-l', at]);
    rmSync(at, { recursive: true, force: true });
  });
}

/** Leaves no space on it. */
function fillDisk(): string {
  const fill = join(at, 'fill');
  spawnSync('sh', ['-c', `cat /dev/zero > ${fill} 2>/dev/null`]);
  return fill;
}

(canMount ? describe : describe.skip)('a full disk', () => {
  onDisk('3m');

  it('is a fault while it lasts, and nothing journalled or ledgered is lost by it', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock, { dir: join(at, 'data') });
    const faults: (string | undefined)[] = [];
    store.onFault((fault) => faults.push(fault?.code));
    const a = store.live.declare(point('pcc/a', { maxAge: 0 }));
    await store.flush();
    const start = clock.now();
    const fill = fillDisk();
    let failed = 0;
    for (let n = 0; n < 300; n++) {
      put(store, clock.now(), { [a]: n });
      for (let i = 1; i <= 40; i++) put(store, clock.now() + i, { [a]: Math.PI * n + i });
      store.append({ t: n, kind: 'system', principal: 'x', data: { n, filler: 'y'.repeat(500) } });
      if ((await codeOf(store.addEvent({ ...event('E', n), data: 'z'.repeat(20_000) }))) !== undefined) failed++;
      clock.advance(1000);
    }
    expect(failed).toBeGreaterThan(0);
    expect(store.fault?.code).toBe('SMX_STORE_FULL');
    const late = store.live.declare(point('pcc/late', { maxAge: 0 }));
    put(store, clock.now(), { [late]: 42 });
    clock.advance(1000);
    rmSync(fill);
    await until(async () => {
      clock.advance(1000);
      await codeOf(store.events({ limit: 0 }));
      return store.fault === undefined;
    });
    await store.flush();
    expect(faults.at(-1)).toBeUndefined();
    expect(await rows(store, a)).toHaveLength(300 * 41);
    expect(await rows(store, late)).toEqual([[expect.any(Number), 42]]);
    expect(start).toBeLessThan(clock.now());
    const verdict = await store.verifyLedger();
    expect(verdict).toMatchObject({ ok: true, entries: 300 });
    await store.close();
    const again = await openStore(clock, { dir: join(at, 'data') });
    expect(await rows(again, a)).toHaveLength(300 * 41);
    expect(again.live.handleOf('pcc/late')).toBe(late);
  });
});

(canMount ? describe : describe.skip)('the reserve', () => {
  onDisk('90m');

  it('is given up on a full disk so that writes go on, shows as a fault, and is laid in again', async () => {
    const clock = new VirtualClock();
    const data = join(at, 'data');
    const store = await openStore(clock, { dir: data });
    clock.advance(10_000);
    await until(() => existsSync(join(data, 'ballast')));
    await store.addEvent(event('BEFORE'));
    const fill = fillDisk();
    let written = 0;
    await until(async () => {
      clock.advance(1000);
      if ((await codeOf(store.addEvent({ ...event('E'), data: 'z'.repeat(50_000) }))) === undefined) written++;
      return statSync(join(data, 'ballast')).size === 0;
    });
    const before = written;
    await until(async () => {
      clock.advance(1000);
      if ((await codeOf(store.addEvent({ ...event('E'), data: 'z'.repeat(50_000) }))) === undefined) written++;
      return written > before + 20;
    });
    await until(() => store.fault?.message.includes('reserve') === true);
    rmSync(fill);
    await until(async () => {
      clock.advance(10_000);
      await store.events({ limit: 0 });
      return store.fault === undefined;
    });
    expect(statSync(join(data, 'ballast')).size).toBe(16 * 2 ** 20);
  });

  it('is not for samples to the last: they are refused first, and events go on', async () => {
    const clock = new VirtualClock();
    const data = join(at, 'data');
    const store = await openStore(clock, { dir: data });
    const handles = Array.from({ length: 50 }, (_, i) => store.live.declare(point(`pcc/p${i}`, { maxAge: 0 })));
    const ballast = (): number => statSync(join(data, 'ballast'), { throwIfNoEntry: false })?.size ?? -1;
    clock.advance(10_000);
    await until(() => ballast() > 0);
    const fill = fillDisk();
    const free = (): number => {
      const { bavail, bsize } = statfsSync(at);
      return bavail * bsize;
    };
    const putMany = async (): Promise<void> => {
      for (let i = 0; i < 200; i++)
        put(store, clock.now() + i, Object.fromEntries(handles.map((handle) => [handle, Math.random()])));
      clock.advance(1000);
      await codeOf(store.addEvent(event('E')));
    };
    await until(async () => {
      await putMany();
      return ballast() === 0;
    });
    spawnSync('sh', ['-c', `head -c ${free() - 5 * 2 ** 20} /dev/zero > ${fill}-more`]);
    await until(async () => {
      await putMany();
      return free() < 3.5 * 2 ** 20;
    });
    for (let n = 0; n < 8; n++) await putMany();
    expect(free()).toBeGreaterThan(2 * 2 ** 20);
    for (let n = 0; n < 20; n++) await store.addEvent({ ...event('LATER'), data: 'z'.repeat(20_000) });
    expect(store.fault?.code).toBe('SMX_STORE_FULL');
    rmSync(fill);
    await until(async () => {
      clock.advance(10_000);
      await store.events({ limit: 0 });
      return store.fault === undefined;
    });
    const events = await store.events({ limit: 1000 });
    expect(events.filter(({ code }) => code === 'LATER')).toHaveLength(20);
  });
});

(canMount ? describe : describe.skip)('a disk that is full at the start', () => {
  onDisk('3m');

  it.each(['in order', 'in a crash'])(
    'lets a store that ended %s open with what it has, refuse what it cannot keep, and recover',
    async (how) => {
      const clock = new VirtualClock();
      const data = join(at, 'data');
      const store = await openStore(clock, { dir: data });
      const a = store.live.declare(point('pcc/a', { maxAge: 0 }));
      put(store, clock.now(), { [a]: 1 });
      await store.putPrincipal({ name: 'p', kind: 'token', role: 'viewer', created: 1 });
      await store.flush();
      const { parts } = store as unknown as { parts: { link: { worker: { terminate(): Promise<number> } } } };
      if (how === 'in order') await store.close();
      else {
        await parts.link.worker.terminate();
        rmSync(join(data, 'lock'));
      }
      const fill = fillDisk();
      const again = await openStore(clock, { dir: data });
      expect(again.epoch).toBe(store.epoch);
      expect(again.principals()).toMatchObject([{ name: 'p' }]);
      expect(await rows(again, a)).toEqual([[expect.any(Number), 1]]);
      expect(await codeOf(openStore(clock, { dir: data }))).toBe('SMX_STORE_LOCKED');
      // what the repair of a crash gave back is used up first
      await until(
        async () => (await codeOf(again.addEvent({ ...event('E', 1), data: 'z'.repeat(20_000) }))) !== undefined,
      );
      expect(again.fault?.code).toBe('SMX_STORE_FULL');
      rmSync(fill);
      await until(async () => {
        clock.advance(1000);
        await codeOf(again.events({ limit: 0 }));
        return again.fault === undefined;
      });
      put(again, clock.now(), { [a]: 2 });
      await again.flush();
      await again.close();
    },
  );
});

describe('a clock that is set', () => {
  it('is an event, once each time, and no drift is one', async () => {
    const steady = new VirtualClock();
    let ahead = 0;
    const clock: Clock = {
      now: () => steady.now() + ahead,
      monotonic: () => steady.monotonic(),
      after: (ms, fn) => steady.after(ms, fn),
    };
    const store = await openStore(clock);
    const steps = async (): Promise<number[]> => {
      steady.advance(1000);
      await store.flush();
      return (await store.events({}))
        .filter(({ code }) => code === 'SMX_CLOCK_STEP')
        .map(({ data }) => (data as { to: number; from: number }).to - (data as { from: number }).from);
    };
    ahead += 500;
    expect(await steps()).toEqual([]);
    ahead += 30 * 86_400_000;
    await until(async () => (await steps()).length > 0);
    ahead -= 3_600_000;
    await until(async () => (await steps()).length > 1);
    expect(await steps()).toEqual([30 * 86_400_000, -3_600_000]);
  });
});

describe('handles', () => {
  const killThread = async (store: Store): Promise<void> => {
    const { parts } = store as unknown as { parts: { link: { worker: { terminate(): Promise<number> } } } };
    await parts.link.worker.terminate();
    rmSync(join(dir, 'lock'));
  };

  it('are given to no other point where a power cut came before the point was on disk', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock);
    const kept = store.live.declare(point('pcc/kept'));
    await store.flush();
    // declared and told to whoever asks, but its thread is cut off before it has even read of it
    const told = store.live.declare(point('pcc/told'));
    await killThread(store);
    const again = await openStore(clock);
    expect(again.epoch).toBe(store.epoch);
    expect(again.live.handleOf('pcc/kept')).toBe(kept);
    if (again.live.handleOf('pcc/told') === undefined)
      expect(again.live.declare(point('pcc/other'))).toBeGreaterThan(told);
    // many at once stay below what is reserved as well
    let last = 0;
    for (let i = 0; i < 200; i++) last = again.live.declare(point(`pcc/p${i}`));
    await again.flush();
    const more = again.live.declare(point('pcc/more'));
    expect(more).toBe(last + 1);
    await killThread(again);
    const third = await openStore(clock);
    expect(third.live.declare(point('pcc/new'))).toBeGreaterThan(more);
  });

  it('are not spent by orderly restarts', async () => {
    const clock = new VirtualClock();
    for (let i = 1; i <= 5; i++) {
      const store = await openStore(clock);
      expect(store.live.declare(point(`pcc/p${i}`))).toBe(i);
      await store.close();
    }
  });
});

describe('the thread', () => {
  it('is started again where it dies, and the store goes on', async () => {
    const clock = new VirtualClock();
    const store = await openStore(clock);
    const a = store.live.declare(point('pcc/a'));
    put(store, clock.now(), { [a]: 1 });
    await store.flush();
    const { link } = (store as unknown as { parts: { link: { worker: { terminate(): Promise<number> } } } }).parts;
    await link.worker.terminate();
    await until(() => store.fault !== undefined);
    expect(await codeOf(store.addEvent(event('X')))).toBe('SMX_STORE_FAILED');
    store.append({ t: 1, kind: 'system', principal: 'x', data: {} });
    const b = store.live.declare(point('pcc/b'));
    await until(() => {
      clock.advance(1000);
      return store.fault === undefined;
    });
    put(store, clock.now(), { [a]: 2, [b]: 3 });
    expect((await rows(store, a)).map(([, value]) => value)).toEqual([1, 2]);
    expect(await store.verifyLedger()).toMatchObject({ ok: true, entries: 1 });
    await store.close();
    const again = await openStore(clock);
    expect(again.live.handleOf('pcc/b')).toBe(b);
  });
});
