import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { batchOf } from '../../test-support/box.js';
import { connectPostgres, postgresPrograms, startPostgres, type Postgres } from '../../test-support/postgres.js';
import { readBatch } from '../ingest/batch.js';
import { Store } from './store.js';

const DAY = 86_400_000;
const KEEP = 30 * DAY;

const databases = ['sqlite', ...(postgresPrograms() === undefined ? [] : ['postgres'])];

describe.each(databases)('what is older than it is kept, on %s', (kind) => {
  let folder: string;
  let postgres: Postgres | undefined;
  let url: string;
  let clock: VirtualClock;
  let stores: Store[];
  let store: Store;
  let count = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-retention-'));
    if (kind === 'postgres') postgres = await startPostgres();
  });

  afterAll(async () => {
    await postgres?.remove();
    rmSync(folder, { recursive: true });
  });

  const worker = async (): Promise<Store> => {
    const one = new Store(url, silentLog);
    await one.open();
    await one.knowledge.learn(clock.now());
    stores.push(one);
    return one;
  };

  beforeEach(async () => {
    url = `sqlite:${join(folder, `${count}.db`)}`;
    if (postgres !== undefined) {
      const client = await connectPostgres(postgres);
      await client.query(`create database retention${count}`);
      await client.end();
      url = postgres.url.replace('/postgres?', `/retention${count}?`);
    }
    count++;
    clock = new VirtualClock();
    stores = [];
    store = await worker();
  });

  afterEach(async () => {
    for (const one of stores) await one.db.close();
  });

  const say = (body: object, of = store, stream = 'inst'): Promise<number> => {
    const read = readBatch({ site: 'house', topic: `t/${stream}`, body, received: clock.now() });
    of.streams.note(read);
    return of.batches.commit([read]);
  };

  const box = async (more: object = {}): Promise<void> => {
    const state = { s: 'online' as const, since: clock.now(), boot: 1, epoch: 1, head: { inst: [1, 1] as const } };
    await store.sites.putState('house', { ...state, cat: 'c1', ...more }, clock.now());
  };

  const catalogue = async (hash: string, ids: readonly number[]): Promise<void> => {
    const write = { min: 0, max: 1 };
    const points = ids.map((id) => ({
      id,
      path: `battery/p${id}`,
      unit: 'W',
      type: 'number',
      every: 0,
      as: 'last',
      write,
    }));
    await store.sites.putCatalogue(
      'house',
      { hash, points, devices: [{ name: 'battery', online: true }] },
      clock.now(),
    );
  };

  /** A run of the worker that keeps watch, after a look of each. */
  const prune = async (): Promise<void> => {
    for (const one of stores) {
      await one.streams.update();
      await one.knowledge.learn(clock.now());
    }
    await store.streams.advance(clock.now());
    const run = store.retention.forget(clock.now() - KEEP, clock.now());
    while ((await run.next()).done !== true);
  };

  const rows = <R extends object>(text: string): Promise<R[]> => store.db.rows<R>(text);
  const numbers = async (): Promise<number[]> =>
    (await rows<{ seq: number }>('select seq from batch order by epoch, seq')).map(({ seq }) => seq);
  const size = async (what: string): Promise<number> => (await rows(`select 1 as one from ${what}`)).length;

  it('goes, and a batch of it that comes once more is still known for a duplicate, by a new worker too', async () => {
    await box();
    for (const seq of [1, 2, 3]) await say(batchOf(seq));
    await say({ v: 1, e: 1, s: 1, rows: [{ id: 1 }] }, store, 'event');
    clock.advance(40 * DAY);
    await say(batchOf(4));
    for (let i = 0; i < 2; i++) await prune();
    expect(await numbers()).toEqual([4]);
    expect([await size('value'), await size('record')]).toEqual([3, 0]);
    expect(await say(batchOf(2))).toBe(0);
    expect(await say(batchOf(2), await worker())).toBe(0);
    expect(await numbers()).toEqual([4]);
  });

  it('waits until every worker knows that it goes, and does not wait for one that is silent for long', async () => {
    const other = await worker();
    await box();
    await say(batchOf(1));
    clock.advance(40 * DAY);
    await say(batchOf(2));
    await prune();
    stores.splice(stores.indexOf(other), 1);
    // the other has a batch in its hands and has not read what was marked
    await other.db.rows('update worker set seen = $1', [clock.now()]);
    for (let i = 0; i < 3; i++) await prune();
    expect(await numbers()).toEqual([1, 2]);
    clock.advance(6 * 60_000);
    for (let i = 0; i < 2; i++) await prune();
    expect(await numbers()).toEqual([2]);
    // it wakes up: what it did not read it reads before it stores
    expect(await say(batchOf(1), other)).toBe(0);
    expect(await say(batchOf(3), other)).toBe(1);
    expect(await numbers()).toEqual([2, 3]);
    stores.push(other);
  });

  it('is a point that says nothing any more; one that comes back is stored, at each worker', async () => {
    const other = await worker();
    await box();
    await catalogue('c1', [3, 4]);
    await say(batchOf(1));
    await say(batchOf(2), other);
    clock.advance(10 * DAY);
    await catalogue('c2', [4]);
    await box({ cat: 'c2' });
    const known = async (): Promise<number[]> =>
      (await rows<{ id: number }>('select id from point order by id')).map(({ id }) => id);
    for (let day = 0; day < 25; day += 5) {
      clock.advance(5 * DAY);
      await say({ ...batchOf(3 + day), id: [4], r: [[1], [2]], cat: 'c2' });
      await prune();
    }
    // its last value is as old as it is kept
    clock.advance(DAY);
    for (let i = 0; i < 3; i++) await prune();
    expect(await known()).toEqual([4]);
    await say({ ...batchOf(40), cat: 'c1' }, other);
    await say({ ...batchOf(41), cat: 'c1' });
    expect(await known()).toEqual([3, 4]);
    expect(await size('reading where path is null')).toBe(0);
    expect(await size("reading where path = 'battery/p3'")).toBe(4);
  });

  it('are catalogues and offers that nothing refers to', async () => {
    await box();
    await catalogue('c1', [3, 4]);
    await say(batchOf(1));
    for (const hash of ['c2', 'c3', 'c4']) {
      clock.advance(DAY);
      await catalogue(hash, [3, 4]);
      await box({ cat: hash });
    }
    await say({ ...batchOf(2), cat: 'c4' });
    const hashes = async (table: string): Promise<string[]> =>
      (await rows<{ cat: string }>(`select distinct cat from ${table} order by cat`)).map(({ cat }) => cat);
    clock.advance(KEEP - 1);
    await prune();
    expect(await hashes('catalogue')).toEqual(['c1', 'c3', 'c4']);
    clock.advance(DAY);
    await box({ cat: 'c4' });
    await say({ ...batchOf(3), cat: 'c4' });
    await prune();
    // one is in force, one says what the points are
    for (const table of ['catalogue', 'catalogue_point', 'offer']) expect(await hashes(table)).toEqual(['c1', 'c4']);
  });

  it('is all of a box whose link ended, and of an epoch before, holes or not', async () => {
    await box();
    await catalogue('c1', [3, 4]);
    for (const seq of [1, 2, 4]) await say(batchOf(seq));
    await prune();
    await box({ epoch: 2 });
    for (const seq of [1, 3]) await say(batchOf(seq, 2));
    await store.db.rows('update gap set told = 1');
    clock.advance(40 * DAY);
    await box({ epoch: 2 });
    await say(batchOf(4, 2));
    for (let i = 0; i < 3; i++) await prune();
    expect(await rows('select distinct epoch from batch')).toEqual([{ epoch: 2 }]);
    expect(await rows('select distinct epoch from stream')).toEqual([{ epoch: 2 }]);
    // of the present epoch what came behind a hole stays
    expect(await numbers()).toEqual([3, 4]);
    await store.sites.putState('house', undefined, clock.now());
    clock.advance(40 * DAY);
    for (let i = 0; i < 3; i++) await prune();
    for (const table of ['batch', 'stream', 'point', 'value', 'catalogue', 'catalogue_point', 'offer'])
      expect([table, await size(table)]).toEqual([table, 0]);
    // it may come again
    await box({ epoch: 2 });
    expect(await say(batchOf(9, 2))).toBe(1);
    expect(await size('reading')).toBe(3);
  });

  it('are orders that are over, with their stages', async () => {
    await box();
    const ask = { kind: 'command' as const, point: 'p', body: { value: 1 }, hb: undefined };
    for (const id of ['done', 'open']) await store.orders.put('house', { ...ask, id, until: clock.now() }, clock.now());
    const stage = { slot: null, state: 'verified' as const, t: clock.now() };
    await store.orders.note('house', 'done', { stage: { ...stage, state: 'refused' }, now: clock.now() });
    clock.advance(20 * DAY);
    await prune();
    expect(await size('command')).toBe(2);
    clock.advance(20 * DAY);
    await prune();
    expect(await rows('select id from command')).toEqual([{ id: 'open' }]);
    expect(await size('command_stage')).toBe(0);
  });

  it('are alarms that are cleared and gaps that were told, not those that stand', async () => {
    await box();
    for (const seq of [1, 2]) await say({ v: 1, e: 1, s: seq, gap: [1, 2], why: 'quota' });
    await store.db.rows('update gap set told = 1 where seq = 1');
    await store.db.rows(
      `insert into alarm (site, cause, detail, raised, cleared) values (1, 'gap', '', 1, 1), (1, 'lost', '', 1, null)`,
    );
    clock.advance(40 * DAY);
    await prune();
    expect(await rows('select seq from gap')).toEqual([{ seq: 2 }]);
    expect(await rows('select cause from alarm')).toEqual([{ cause: 'lost' }]);
  });
});
