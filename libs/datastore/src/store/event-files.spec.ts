import {
  silentLog,
  SmxError,
  VirtualClock,
  Zone,
  type EventRecord,
  type NewEvent,
  type NewEventFile,
} from '@smx-edge/model';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from './store.js';

const START = Date.UTC(2026, 10, 1);
/** The files of events may take a sixteenth: eight blocks. */
const BUDGET = 16 * 8 * 4096;

let dir: string;
let store: Store;
const open = async (): Promise<Store> =>
  Store.open({
    ...{ dir, clock: new VirtualClock(START), zone: new Zone('Europe/Rome'), log: silentLog },
    ...{ flush: 10_000, budget: BUDGET, raw: 86_400_000 },
  });
const event = (code: string): NewEvent => ({
  ...{ t: START, path: 'pq/voltage/l1', code, severity: 'warning', state: 'once', text: code },
});
const file = (name: string, size = 100, fill = 7): NewEventFile => ({
  ...{ name, type: 'application/octet-stream', bytes: new Uint8Array(size).fill(fill) },
});
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof SmxError ? error.code : String(error)),
  );
const onDisk = (): string[] => readdirSync(join(dir, 'files')).sort();

beforeEach(async () => {
  dir = join(mkdtempSync(join(tmpdir(), 'smx-files-')), 'data');
  store = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(join(dir, '..'), { recursive: true });
});

describe('files of events', () => {
  it('are kept byte for byte with their event, and their hashes in the ledger', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 31);
    const heads: string[] = [];
    const added = await store.addEvent(event('sag'), [
      { name: 'wave.bin', type: 'application/x-smx', bytes },
      file('b', 0),
    ]);
    heads.push(store.ledgerHead);
    expect(added).toMatchObject({ id: 1, files: ['wave.bin', 'b'] });
    expect(await store.addEvent(event('none'))).toMatchObject({ files: [] });
    await store.close();
    store = await open();
    expect(await store.events({})).toMatchObject([{ files: ['wave.bin', 'b'] }, { files: [] }]);
    expect(await store.eventFile(1, 'wave.bin')).toEqual({ type: 'application/x-smx', bytes });
    expect((await store.eventFile(1, 'b'))!.bytes).toHaveLength(0);
    expect(await store.eventFile(1, 'c')).toBeUndefined();
    expect(await store.eventFile(2, 'wave.bin')).toBeUndefined();
    const [entry] = await store.ledger({});
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(entry).toMatchObject({
      kind: 'file',
      data: { event: 1, files: [{ name: 'wave.bin', sha256 }, { bytes: 0 }] },
    });
    expect(heads).toEqual([entry!.hash]);
    expect([statSync(join(dir, 'files')).mode & 0o777, statSync(join(dir, 'files/1-0')).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
  });

  it('go with a record, the oldest first, once they are more than the bound', async () => {
    const heard: EventRecord[] = [];
    store.onEvent((one) => heard.push(one));
    for (let n = 1; n <= 5; n++) await store.addEvent(event('sag'), [file('a', 4096, n), file('b', 1, n)]);
    expect(onDisk()).toEqual(['2-0', '2-1', '3-0', '3-1', '4-0', '4-1', '5-0', '5-1']);
    const gone = heard.filter(({ code }) => code === 'SMX_EVENT_FILE_GONE');
    expect(gone).toMatchObject([{ path: 'box', severity: 'info', data: { files: 2, bytes: 4097, events: [1, 1] } }]);
    expect(await codeOf(store.eventFile(1, 'a'))).toBe('SMX_EVENT_FILE_GONE');
    expect((await store.events({}))[0]).toMatchObject({ id: 1, files: ['a', 'b'] });
    expect((await store.eventFile(2, 'a'))!.bytes[0]).toBe(2);
    const ledger = await store.ledger({});
    expect(ledger.map(({ data }) => data).filter((data) => 'dropped' in data)).toEqual([
      {
        dropped: [
          [1, 'a'],
          [1, 'b'],
        ],
      },
    ]);
  });

  it('of one event stay even where they alone are more than the bound', async () => {
    await store.addEvent(event('sag'), [file('a', 100)]);
    const { id } = await store.addEvent(event('long'), [file('a', 200_000)]);
    expect((await store.eventFile(id, 'a'))!.bytes).toHaveLength(200_000);
    expect(onDisk()).toEqual([`${id}-0`]);
  });

  it.each([
    ['../x', 'text/plain'],
    ['.hidden', 'text/plain'],
    ['a/b', 'text/plain'],
    ['', 'text/plain'],
    ['a', 'text'],
    ['a', 'text/plain\r\nset-cookie: a=b'],
  ])('named "%s" of type %j are refused, and their event with them', async (name, type) => {
    expect(await codeOf(store.addEvent(event('bad'), [{ name, type, bytes: new Uint8Array(1) }]))).toBe(
      'SMX_EVENT_FILE',
    );
    expect(await store.events({})).toEqual([]);
  });

  it('are refused where they are too many, too large or of one name', async () => {
    for (const files of [
      [file('a'), file('a')],
      [file('a', 524_289)],
      Array.from({ length: 9 }, (_, n) => file(`f${n}`)),
    ])
      expect(await codeOf(store.addEvent(event('bad'), files))).toBe('SMX_EVENT_FILE');
  });

  it('that are damaged on disk are never given, and what a crash left is swept away', async () => {
    await store.addEvent(event('sag'), [file('a'), file('b'), file('c')]);
    writeFileSync(join(dir, 'files/1-0'), new Uint8Array(100).fill(8));
    rmSync(join(dir, 'files/1-1'));
    writeFileSync(join(dir, 'files/9-0.new'), 'half');
    writeFileSync(join(dir, 'files/9-0'), 'without its event');
    expect(await codeOf(store.eventFile(1, 'a'))).toBe('SMX_STORE_DAMAGED');
    expect(await codeOf(store.eventFile(1, 'b'))).toBe('SMX_STORE_DAMAGED');
    expect((await store.eventFile(1, 'c'))!.bytes).toHaveLength(100);
    await store.close();
    store = await open();
    expect(onDisk()).toEqual(['1-0', '1-2']);
  });

  it('of a database that was damaged are set aside with it, not swept away', async () => {
    await store.addEvent(event('sag'), [file('a')]);
    await store.close();
    writeFileSync(join(dir, 'store.db'), 'no database');
    rmSync(join(dir, 'store.db-wal'), { force: true });
    store = await open();
    const aside = readdirSync(dir).find((name) => name.startsWith('files.store.db.damaged'));
    expect(readdirSync(join(dir, aside!))).toEqual(['1-0']);
    expect((await store.addEvent(event('sag'), [file('b')])).files).toEqual(['b']);
  });
});
