import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { batchOf } from '../../test-support/box.js';
import { loadConfig } from '../config/config.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { readBatch } from '../ingest/batch.js';
import { Store } from '../store/store.js';
import { Alarms } from './alarms.js';
import { Watch } from './watch.js';

const MINUTE = 60_000;
const GAP = { e: 2, s: 1, gap: [0, 1000], why: 'quota' };

describe('the watch over silence and holes', () => {
  let folder: string;
  let clock: VirtualClock;
  let store: Store;
  let alarms: Alarms;
  let watch: Watch;
  let boxes: { upSince: number | undefined; publish: () => Promise<void> };
  let dispatcher: Dispatcher;
  const recall = { ask: () => Promise.resolve() };

  const watcher = (silence = 45_000): Watch =>
    new Watch({ store, alarms, boxes, dispatcher, recall, clock, log: silentLog, silence });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-watch-'));
    clock = new VirtualClock();
    store = new Store(`sqlite:${join(folder, 'g.db')}`, silentLog);
    await store.open();
    alarms = new Alarms(store, clock, silentLog);
    boxes = { upSince: clock.now(), publish: () => Promise.resolve() };
    dispatcher = new Dispatcher({ store, boxes, alarms, clock, log: silentLog });
    watch = watcher();
  });

  afterEach(async () => {
    await watch.stop();
    await store.db.close();
    rmSync(folder, { recursive: true });
  });

  const state = (more: object = {}): Promise<unknown> => {
    const body = { s: 'online' as const, since: clock.now(), boot: 0, epoch: 1, head: {}, cat: 'c1', ...more };
    return store.sites.putState('house', body, clock.now());
  };

  const batch = async (seq: number, more: object = {}): Promise<void> => {
    const body = { ...batchOf(seq), ...more };
    const read = readBatch({ site: 'house', topic: 't/inst', body, received: clock.now() });
    await store.batches.commit([read]);
    store.streams.note(read);
  };

  const windows = (every: number): Promise<void> => {
    const point = { id: 3, path: 'pcc/power/active', unit: 'W', type: 'number', every, as: 'mean' };
    return store.sites.putCatalogue('house', { hash: 'c1', points: [point], devices: [] }, clock.now());
  };

  /** Lets time pass, with a look each 5 s; gives the causes that stand then. */
  const pass = async (ms: number): Promise<string[]> => {
    for (let past = 0; past < ms; past += 5000) {
      clock.advance(5000);
      await watch.look();
    }
    return (await alarms.list('open')).map(({ cause }) => cause).sort();
  };

  it('alarms within a minute a box that is on line and sends nothing, and clears it with the next batch', async () => {
    await state();
    await batch(1);
    expect(await pass(40_000)).toEqual([]);
    expect(await pass(15_000)).toEqual(['silent']);
    await batch(2);
    expect(await pass(5000)).toEqual([]);
    expect((await alarms.list('all'))[0]).toMatchObject({ site: 'house', cleared: clock.now() });
  });

  it('names the cause: a connection that broke, a box that was stopped; a party that is no more has none', async () => {
    await state();
    await batch(1);
    await state({ s: 'lost' });
    expect(await pass(5000)).toEqual(['lost']);
    await state({ s: 'closing' });
    expect(await pass(5000)).toEqual(['closing']);
    await store.sites.putState('house', undefined, clock.now());
    expect(await pass(2 * MINUTE)).toEqual([]);
  });

  it('waits for the windows of who is granted windows, and for nothing where nothing is granted', async () => {
    await windows(15 * MINUTE);
    await state();
    await batch(1);
    expect(await pass(15 * MINUTE)).toEqual([]);
    expect(await pass(MINUTE)).toEqual(['silent']);
    await store.sites.putCatalogue('house', { hash: 'c2', points: [], devices: [] }, clock.now());
    await state({ cat: 'c2' });
    expect(await pass(2 * MINUTE)).toEqual([]);
  });

  it('alarms within a minute a number that is missing, and clears it once it is there', async () => {
    await state({ head: { inst: [1, 1] } });
    for (const seq of [1, 2, 4]) await batch(seq);
    expect(await pass(30_000)).toEqual([]);
    await batch(5);
    expect(await pass(25_000)).toEqual(['hole']);
    expect((await alarms.list('open'))[0]!.detail).toContain('batch 3 of inst');
    await batch(3);
    expect(await pass(5000)).toEqual([]);
  });

  it('alarms holes of other streams beside those of values, each of its own', async () => {
    await state({ head: { inst: [1, 1], event: [1, 1], profile: [1, 1] } });
    const record = async (stream: string, seq: number): Promise<void> => {
      const body = { v: 1, e: 1, s: seq, rows: [{ id: seq }] };
      const read = readBatch({ site: 'house', topic: `t/${stream}`, body, received: clock.now() });
      await store.batches.commit([read]);
      store.streams.note(read);
    };
    for (const seq of [1, 3]) await record('event', seq);
    for (const seq of [1, 2, 4]) await record('profile', seq);
    await batch(1);
    await pass(30_000);
    await batch(2);
    expect(await pass(25_000)).toEqual(['hole', 'hole']);
    expect((await alarms.list('open')).map(({ stream, detail }) => `${stream!}: ${detail}`).sort()).toEqual([
      'event: batch 2 of event is missing, later ones are here',
      'profile: batch 3 of profile is missing, later ones are here',
    ]);
    await record('event', 2);
    await batch(3);
    expect(await pass(5000)).toEqual(['hole']);
  });

  it('tells by itself of silence, a hole and a gap, each within a minute, with the silence of a config without one', async () => {
    const file = join(folder, 'gesscon.yaml');
    writeFileSync(file, 'party: p\nbroker: { url: "mqtt://b" }\ndatabase: sqlite:g.db\n');
    await watch.stop();
    watch = watcher(loadConfig(file).silence);
    watch.start();
    const begin = clock.now();
    await state({ head: { inst: [1, 1] } });
    for (const seq of [1, 2, 4]) await batch(seq);
    await store.batches.commit([
      readBatch({ site: 'house', topic: 't/event', body: { ...GAP, e: 1 }, received: clock.now() }),
    ]);
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      await watch.idle();
    }
    const told = await alarms.list('all');
    expect(told.map(({ cause }) => cause).sort()).toEqual(['gap', 'hole', 'silent']);
    for (const { raised } of told) expect(raised - begin).toBeLessThanOrEqual(60_000);
  });

  it('tells of another epoch and of a gap once, also where the database breaks between them and their alarm', async () => {
    await state();
    await state({ epoch: 2 });
    const gap = readBatch({ site: 'house', topic: 't/inst', body: GAP, received: clock.now() });
    await store.batches.commit([gap]);
    await store.db.rows('alter table alarm rename to away');
    await expect(watch.look()).rejects.toMatchObject({ code: 'SMX_CLOUD_DATABASE' });
    await store.db.rows('alter table away rename to alarm');
    await pass(10_000);
    expect((await alarms.list('all')).map(({ cause, detail }) => [cause, detail]).reverse()).toEqual([
      ['epoch', expect.stringContaining('epoch 2 after 1')],
      ['gap', expect.stringContaining('quota')],
    ]);
  });

  it('does not take a backlog that is coming for a hole, but one that stopped', async () => {
    await state({ head: { inst: [1, 1000] } });
    let live = 1000;
    for (let seq = 1; seq < 4; seq++) {
      await batch(seq, { h: true });
      await batch(live++);
      expect(await pass(30_000)).toEqual([]);
    }
    let standing: string[] = [];
    for (let i = 0; i < 24; i++) {
      await batch(live++);
      standing = await pass(30_000);
    }
    expect(standing).toEqual(['hole']);
  });

  it('does not call silence what it could not hear', async () => {
    await state();
    await batch(1);
    boxes.upSince = undefined;
    expect(await pass(5 * MINUTE)).toEqual([]);
    boxes.upSince = clock.now();
    expect(await pass(40_000)).toEqual([]);
    expect(await pass(15_000)).toEqual(['silent']);
  });

  it('does not call silence what it could not keep, since its database was away', async () => {
    await state();
    await batch(1);
    await store.db.rows('alter table stream rename to away');
    clock.advance(5 * MINUTE);
    await expect(watch.look()).rejects.toMatchObject({ code: 'SMX_CLOUD_DATABASE' });
    await store.db.rows('alter table away rename to stream');
    expect(await pass(40_000)).toEqual([]);
    expect(await store.db.rows('select name, most, hw from stream')).toEqual([{ name: 'inst', most: 1, hw: 1 }]);
    expect(await pass(15_000)).toEqual(['silent']);
  });

  it('is kept by one worker of several, and taken over from one that is gone', async () => {
    const other = watcher();
    await state();
    await watch.look();
    clock.advance(10_000);
    await other.look();
    await watch.look();
    clock.advance(MINUTE);
    await other.look();
    await watch.look();
    expect((await alarms.list('all')).map(({ cause }) => cause)).toEqual(['silent']);
    const [lead] = await store.db.rows<{ n: number }>('select count(*) as n from lead');
    expect(lead).toEqual({ n: 1 });
  });
});
