import {
  SampleBatch,
  silentLog,
  SmxError,
  VirtualClock,
  Zone,
  type HistoryRow,
  type PointDefinition,
} from '@smx-edge/model';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../store/store.js';
import { restoreBackup } from './restore.js';
import { readTar } from './tar.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let folder: string;
let dir: string;
const open: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smx-backup-'));
  dir = join(folder, 'data');
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

async function openAt(where: string, clock: VirtualClock): Promise<Store> {
  const store = await Store.open({
    ...{ dir: where, clock, zone: new Zone('UTC'), log: silentLog },
    ...{ flush: 10_000, budget: 2 ** 30, raw: 365 * DAY },
  });
  open.push(store);
  return store;
}

const point = (path: string, type: PointDefinition['type'] = 'number'): PointDefinition => ({
  ...{ path, device: path.split('/')[0]!, instance: 'i', unit: null, type, kind: 'measurement', maxAge: 0 },
});

function put(store: Store, at: number, values: Record<number, number | string>): void {
  const batch = new SampleBatch();
  batch.clear(at);
  for (const [handle, value] of Object.entries(values)) {
    const i = batch.add(Number(handle));
    if (typeof value === 'number') batch.number[i] = value;
    else batch.other.set(i, value);
  }
  store.live.ingest(batch);
}

async function rows(store: Store, path: string, every?: number): Promise<HistoryRow[]> {
  const found: HistoryRow[] = [];
  const handle = store.live.handleOf(path)!;
  const windows = every === undefined ? {} : { every, as: 'sum' as const };
  for await (const chunk of store.history({ handle, from: 0, to: 9e12, ...windows })) found.push(...chunk);
  return found;
}

async function archiveOf(store: Store, secrets: boolean): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of store.vault.backup({ secrets, by: 'owner' })) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function namesIn(bytes: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of readTar(pieces(bytes))) names.push(name);
  return names;
}

/** Two days at one sample a minute, sealed but for the last hour, and everything else a store keeps. */
async function filled(clock: VirtualClock): Promise<Store> {
  const store = await openAt(dir, clock);
  const a = store.live.declare(point('pcc/a'));
  const b = store.live.declare(point('ev/text', 'string'));
  for (let n = 0; n < 50; n++) {
    for (let minute = 0; minute < 60; minute += 10) {
      put(store, clock.now(), { [a]: n, [b]: `secret of hour ${n}` });
      clock.advance(600_000);
    }
    await store.flush();
  }
  await store.settled();
  put(store, clock.now(), { [a]: 99 });
  await store.putPrincipal({ name: 'gesscon', kind: 'token', role: 'viewer', created: 1, tokenHash: 'cafe' });
  await store.addEvent({ t: 5, path: 'pcc', code: 'E', severity: 'info', state: 'once', text: 'event' });
  return store;
}

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof SmxError ? error.code : String(error)),
  );

describe('a backup', () => {
  it('made while samples come brings back all of the store that was there when it was asked for', async () => {
    const clock = new VirtualClock();
    const store = await filled(clock);
    const before = await rows(store, 'pcc/a');
    const parts: Uint8Array[] = [];
    for await (const part of store.vault.backup({ secrets: true, by: 'owner' })) {
      parts.push(Buffer.from(part));
      put(store, clock.now(), { [store.live.handleOf('pcc/a')!]: parts.length });
      clock.advance(1000);
    }
    expect(readdirSync(dir).filter((name) => name.startsWith('backup-'))).toEqual([]);
    const other = join(folder, 'other');
    const restored = await restoreBackup(other, pieces(Buffer.concat(parts)), { now: clock.now(), by: 'local' });
    expect(restored.manifest).toMatchObject({ secrets: true, epoch: store.epoch });
    const back = await openAt(other, clock);
    expect(back.epoch).toBeGreaterThan(store.epoch);
    expect(back.live.declare(point('pcc/a'))).toBe(store.live.handleOf('pcc/a'));
    expect(await rows(back, 'pcc/a')).toEqual(before);
    expect(back.principals()).toMatchObject([{ name: 'gesscon', tokenHash: 'cafe' }]);
    const events = await back.events({});
    expect(events).toMatchObject([{ code: 'E' }]);
    expect(await back.verifyLedger()).toMatchObject({ ok: true });
    expect((await back.ledger({})).map(({ data }) => Object.keys(data)[0])).toEqual(['backup', 'restored']);
    // and it goes on from there
    put(back, clock.now(), { [back.live.handleOf('pcc/a')!]: 7 });
    expect((await rows(back, 'pcc/a')).at(-1)?.[1]).toBe(7);
  });

  it('goes on with events that no party acknowledged, under numbers of the new epoch', async () => {
    const clock = new VirtualClock();
    const store = await filled(clock);
    const stream = { principal: 'gesscon', stream: 'event' };
    const { after } = await store.lane.openRecords(stream);
    for (let n = 1; n <= 6; n++)
      await store.addEvent({ t: n, path: 'pcc', code: 'E', severity: 'info', state: 'once', text: `event ${n}` });
    for (const n of [1, 2, 3, 4]) await store.lane.cutRecords(stream, [after + n], after + n);
    store.lane.ackLane(stream, [[1, 1], [3, 3]]); // prettier-ignore
    const archive = await archiveOf(store, true);
    const other = join(folder, 'other');
    await restoreBackup(other, pieces(archive), { now: clock.now(), by: 'local' });
    const back = await openAt(other, clock);
    // the second and the fourth were not acknowledged, the fifth and the sixth in no batch yet
    expect(await back.lane.openRecords(stream)).toEqual({ next: 1, acked: [], after: after + 1, ahead: [after + 3] });
    expect(await back.lane.readRecords(stream, 1, 10)).toEqual([]);
    await back.lane.cutRecords(stream, [after + 2, after + 4], after + 4);
    expect(await back.lane.readRecords(stream, 1, 10)).toMatchObject([{ seq: 1, ids: [after + 2, after + 4] }]);
  });

  it('without secrets has no users, no tokens and no key, not even as bytes', async () => {
    const store = await filled(new VirtualClock());
    const bytes = await archiveOf(store, false);
    expect(await namesIn(bytes)).not.toContain('device.key');
    expect(bytes.includes('cafe')).toBe(false);
    expect(await namesIn(await archiveOf(store, true))).toContain('device.key');
  });

  it('moves what it replaces aside, and is refused while a core runs', async () => {
    const clock = new VirtualClock();
    const store = await filled(clock);
    const bytes = await archiveOf(store, true);
    expect(await codeOf(restoreBackup(dir, pieces(bytes), { now: 1, by: 'x' }))).toBe('SMX_STORE_LOCKED');
    await store.close();
    const { before } = await restoreBackup(dir, pieces(bytes), { now: clock.now(), by: 'x' });
    expect(readdirSync(join(dir, before!))).toEqual(expect.arrayContaining(['store.db', 'history.db', 'journal']));
  });

  it('that is cut, changed or something else changes nothing', async () => {
    const store = await filled(new VirtualClock());
    const bytes = await archiveOf(store, true);
    await store.close();
    const content = (): Buffer[] => ['store.db', 'history.db'].map((name) => readFileSync(join(dir, name)));
    const before = content();
    const flipped = Buffer.from(bytes);
    flipped[flipped.indexOf('SQLite format 3') + 5000]! ^= 1;
    for (const bad of [bytes.subarray(0, bytes.length / 2), flipped, Buffer.from('x'.repeat(5000)), Buffer.alloc(0)])
      expect(await codeOf(restoreBackup(dir, pieces(bad), { now: 2, by: 'x' }))).toBe('SMX_STORE_DAMAGED');
    expect(content()).toEqual(before);
    expect(readdirSync(dir).filter((name) => name.startsWith('restore'))).toEqual([]);
  });
});

describe('erasing', () => {
  it('takes samples and windows of before a time, bytes and all, and leaves the rest', async () => {
    const clock = new VirtualClock();
    const store = await filled(clock);
    const all = await rows(store, 'pcc/a');
    const texts = await rows(store, 'ev/text');
    const before = clock.now() - 10 * HOUR;
    const erased = await store.vault.erase({ match: 'ev/#', before, by: 'owner' });
    expect(erased).toEqual({ points: 1, samples: texts.filter(([t]) => t < before).length, windows: 0 });
    expect(await rows(store, 'ev/text')).toEqual(texts.filter(([t]) => t >= before));
    expect(await rows(store, 'pcc/a')).toEqual(all);
    expect(await store.events({ from: 6 })).toEqual([]);
    const windows = await rows(store, 'pcc/a', 900_000);
    const both = await store.vault.erase({ match: 'pcc/a', before, by: 'owner' });
    expect(both.windows).toBeGreaterThan(0);
    const left = await rows(store, 'pcc/a', 900_000);
    const later = ([t]: HistoryRow): boolean => t > before + 900_000;
    expect(left.filter(later)).toEqual(windows.filter(later));
    expect(left.filter(([t]) => t < before).every(([, value]) => value === null)).toBe(true);
    expect((await store.ledger({})).map(({ data }) => data)).toMatchObject([
      { erase: 'ev/#', before },
      { erase: 'ev/#', samples: erased.samples },
      { erase: 'pcc/a', before },
      { erase: 'pcc/a', samples: both.samples },
    ]);
    await store.close();
    for (const name of readdirSync(dir)) {
      if (name === 'journal' || name === 'files') continue;
      expect([name, readFileSync(join(dir, name)).includes('secret of hour 3')]).toEqual([name, false]);
    }
  });
});
