import { SampleBatch, silentLog, VirtualClock, Zone, type LaneBatch, type LanePlan } from '@smx-edge/model';
import Database from 'better-sqlite3';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectSegment, segmentSeq } from '../journal/segment.js';
import { Store } from '../store/store.js';
import { journalledAcks } from './ack-notes.js';

const HOUR = 3_600_000;
const INST = { principal: 'gesscon', stream: 'inst' };
const EVENTS = { principal: 'gesscon', stream: 'event' };

let dir: string;
let clock: VirtualClock;
let store: Store;
let power: number;
let plan: LanePlan;
const copies: Store[] = [];

const openStore = (folder: string): Promise<Store> =>
  Store.open({
    ...{ dir: folder, clock, zone: new Zone('UTC'), log: silentLog },
    ...{ flush: 10_000, budget: 2 ** 30, raw: 31 * 24 * HOUR },
  });

const declare = (path: string): number =>
  store.live.declare({
    ...{ path, device: 'pcc', instance: 'p1', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
  });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smx-acks-'));
  clock = new VirtualClock(Date.UTC(2026, 4, 1));
  store = await openStore(join(dir, 'data'));
  power = declare('pcc/power');
  const form = { handle: power, maxAge: 0, every: 0, as: 'last' as const, delay: 0, round: 0, interval: 0 };
  plan = { cat: 'abc', batch: 10_000, forms: [form] };
  await store.lane.openLane(INST, plan, { since: clock.now(), gone: [] });
  await store.lane.openRecords(EVENTS);
});

afterEach(async () => {
  for (const one of [store, ...copies.splice(0)]) await one.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The thread has done all that was asked before, what ends its turn included. */
async function thread(): Promise<void> {
  await store.lane.lanes();
  await store.lane.lanes();
}

/** Samples each second for `seconds`, a sync each ten. */
async function run(seconds: number): Promise<void> {
  const batch = new SampleBatch();
  for (let s = 0; s < seconds; s++) {
    batch.clear(clock.now());
    batch.number[batch.add(power)] = clock.now() / 1000;
    store.live.ingest(batch);
    clock.advance(1000);
    await thread();
  }
}

/** A store that begins with what is in the folder now, as a kill -9 leaves it. */
async function killed(): Promise<Store> {
  const copy = join(dir, `killed-${copies.length}`);
  cpSync(join(dir, 'data'), copy, { recursive: true });
  rmSync(join(copy, 'lock'), { recursive: true, force: true });
  const again = await openStore(copy);
  copies.push(again);
  return again;
}

const acked = async (of: Store): Promise<unknown> =>
  (await of.lane.openLane(INST, plan, { since: clock.now(), gone: [] })).acked;

/** What the table has, without the journal. */
function inTable(): unknown {
  const copy = mkdtempSync(join(dir, 'table-'));
  for (const name of ['store.db', 'store.db-wal']) cpSync(join(dir, 'data', name), join(copy, name));
  const db = new Database(join(copy, 'store.db'));
  try {
    const row = db.prepare<[string], { acked: string }>('SELECT acked FROM lanes WHERE stream = ?').get('inst');
    return JSON.parse(row!.acked);
  } finally {
    db.close();
  }
}

/** One event more in a batch of its own. */
async function eventBatch(of: Store): Promise<number> {
  const { after, next } = await of.lane.openRecords(EVENTS);
  const { id } = await of.addEvent({
    ...{ t: clock.now(), path: 'pcc', code: 'E', severity: 'info', state: 'once', text: `event ${after}` },
  });
  await of.lane.cutRecords(EVENTS, [id], id);
  return next;
}

/** A new point is written at once, and what was acknowledged goes along; what comes in the minutes after it waits. */
async function writeTable(): Promise<void> {
  store.lane.ackLane(INST, [[1, 1]]);
  await thread();
  declare('pcc/other');
  await thread();
  expect(inTable()).toEqual([[1, 1]]);
}

it('acknowledgements are on the disk with the next sync, without a write of the table', async () => {
  await run(30);
  await eventBatch(store);
  await writeTable();
  store.lane.ackLane(INST, [[3, 3]]);
  store.lane.ackLane(EVENTS, [[1, 1]]);
  await thread();
  expect(await acked(await killed())).toEqual([[1, 1]]);
  await run(10);
  expect(inTable()).toEqual([[1, 1]]);
  const again = await killed();
  expect(await acked(again)).toEqual([
    [1, 1],
    [3, 3],
  ]);
  expect((await again.lane.openRecords(EVENTS)).acked).toEqual([[1, 1]]);
});

it('are never of a batch that was not cut when they came', async () => {
  await run(20);
  store.lane.ackLane(INST, [[1, 1000]]);
  await run(40);
  expect(await acked(await killed())).toEqual([[1, 2]]);
});

it('are in the table with the next sync where there is no segment that could take them', async () => {
  await run(30);
  await store.close();
  store = await openStore(join(dir, 'data'));
  await acked(store);
  await writeTable();
  store.lane.ackLane(INST, [[2, 2]]);
  await store.flush();
  await thread();
  expect(inTable()).toEqual([[1, 2]]);
});

it('stay when the segment they stand in is sealed, and its batches stay as they were', async () => {
  for (let n = 1; n <= 12; n++) {
    await run(20);
    store.lane.ackLane(INST, [[2 * n, 2 * n]]);
  }
  await run(20);
  const before = await store.lane.readLane(INST, 1, 1000);
  clock.advance(HOUR);
  await run(20);
  await store.settled();
  // nothing but the segment that is written to
  expect(readdirSync(join(dir, 'data', 'journal'))).toHaveLength(1);
  const again = await killed();
  const wanted = Array.from({ length: 12 }, (_, n) => [2 * n + 2, 2 * n + 2]);
  expect(await acked(again)).toEqual(wanted);
  const after: LaneBatch[] = await again.lane.readLane(INST, 1, before.length);
  expect(after).toEqual(before);
  expect(after.some((batch) => 'gap' in batch)).toBe(false);
});

it('are kept before the segment they stand in is sealed, however soon after they came', async () => {
  await run(30);
  clock.advance(HOUR - 90_000);
  await writeTable();
  store.lane.ackLane(INST, [[2, 2]]);
  await run(20);
  expect(inTable()).toEqual([[1, 1]]);
  clock.advance(60_000);
  await store.settled();
  expect(readdirSync(join(dir, 'data', 'journal'))).toEqual([]);
  expect(await acked(await killed())).toEqual([[1, 2]]);
});

it('mean nothing under another epoch, as of a restored store, where the numbers are other batches', async () => {
  await run(30);
  await writeTable();
  store.lane.ackLane(INST, [[2, 2]]);
  await run(10);
  const folder = join(dir, 'journal');
  cpSync(join(dir, 'data', 'journal'), folder, { recursive: true });
  const segments = readdirSync(folder).map((name) => {
    return inspectSegment(join(folder, name), segmentSeq(name)!, store.epoch)!.segment;
  });
  const found = [...journalledAcks({ segments }, { folder, epoch: store.epoch })];
  expect(found).toEqual([{ name: INST, ranges: [[2, 2]] }]);
  expect([...journalledAcks({ segments }, { folder, epoch: store.epoch + 1 })]).toEqual([]);
});
