import { silentLog, SmxError, VirtualClock, Zone, type EventRecord, type ProfileRow } from '@smx-edge/model';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isSigned, publicKeyOf } from '../proof/device-key.js';
import { profileGenesis, rowHash, rowText } from '../proof/profile-chain.js';
import { Store } from './store.js';

const QUARTER = 900_000;
const START = Date.UTC(2026, 9, 25);
const PROFILE = {
  device: 'pcc',
  id: 'P.01',
  period: QUARTER,
  columns: [
    { obis: '1-0:1.5.0', unit: 'W', scaler: 0 },
    { obis: '1-0:1.8.0', unit: 'Wh' },
  ],
} as const;
const row = (n: number, value: string | null = String(n)): ProfileRow => [START + n * QUARTER, 0, value, '202.356'];
const sha = createHash('sha256').update('telegram').digest('hex');

let dir: string;
let store: Store;
const open = async (): Promise<Store> =>
  Store.open({
    ...{ dir, clock: new VirtualClock(START), zone: new Zone('Europe/Rome'), log: silentLog },
    ...{ flush: 10_000, budget: 2 ** 30, raw: 31 * 86_400_000 },
  });
const append = (rows: readonly ProfileRow[], source: string | null = null): Promise<number> =>
  store.profiles.append({ device: 'pcc', id: 'P.01', rows, source });
const kept = async (): Promise<ProfileRow[]> =>
  (await store.profiles.rows({ device: 'pcc', id: 'P.01', from: 0, to: 9e15 })).map((record) => record.row);
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof SmxError ? error.code : String(error)),
  );

beforeEach(async () => {
  dir = join(mkdtempSync(join(tmpdir(), 'smx-profiles-')), 'data');
  store = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(join(dir, '..'), { recursive: true });
});

describe('load profiles', () => {
  it('keep each row once, in the text the meter gave, over a restart', async () => {
    await store.profiles.put(PROFILE);
    expect(await store.profiles.last(PROFILE)).toBeUndefined();
    expect(await append([row(1), row(2, '000.10'), row(3, null)], sha)).toBe(3);
    expect(await append([row(3, null), row(4, '-5.00'), row(4, '-5.00')])).toBe(1);
    expect(await append([row(1)])).toBe(0);
    await store.close();
    store = await open();
    expect(store.profiles.list()).toEqual([PROFILE]);
    expect(await store.profiles.last(PROFILE)).toBe(START + 4 * QUARTER);
    expect(await kept()).toEqual([row(1), row(2, '000.10'), row(3, null), row(4, '-5.00')]);
    // late rows stand at their time, and in commit order after those before them
    expect(await append([row(0)])).toBe(1);
    expect((await kept())[0]).toEqual(row(0));
    const commits = await store.profiles.commits({ after: 3 });
    expect(commits.map(({ id, seq, source, row: [end] }) => [id, seq, source, (end - START) / QUARTER])).toEqual([
      [4, 4, null, 4],
      [5, 5, null, 0],
    ]);
    const some = await store.profiles.rows({ ...PROFILE, from: START + QUARTER, to: START + 3 * QUARTER });
    expect(some.map((record) => record.row)).toEqual([row(2, '000.10'), row(3, null)]);
  });

  it('refuse another content of a row that is kept, tell it once, and keep the others', async () => {
    const heard: EventRecord[] = [];
    store.onEvent((event) => heard.push(event));
    await store.profiles.put(PROFILE);
    await append([row(1), row(2)]);
    for (let i = 0; i < 2; i++) expect(await codeOf(append([row(1, '7'), row(3)]))).toBe('SMX_PROFILE_CONFLICT');
    expect(await codeOf(append([[START + 2 * QUARTER, 1, '2', '202.356']]))).toBe('SMX_PROFILE_CONFLICT');
    expect(await codeOf(append([row(5), row(5, '6')]))).toBe('SMX_PROFILE_CONFLICT');
    expect(await kept()).toEqual([row(1), row(2), row(3), row(5)]);
    expect(heard).toMatchObject([
      { path: 'pcc/P.01', code: 'SMX_PROFILE_CONFLICT', data: { values: ['7', '202.356'], kept: ['1', '202.356'] } },
      { data: { status: 1 } },
      { data: { values: ['6', '202.356'] } },
    ]);
  });

  it('refuse what is no row, and keep nothing of what came with it', async () => {
    await store.profiles.put(PROFILE);
    for (const wrong of [
      [START, 0, 202.356, null],
      [START, 0, '1e3', null],
      [START, 0, '', null],
      [START, 0, '1'],
      [START, 0, '1', '2', '3'],
      [START + 0.5, 0, '1', null],
      [NaN, 0, '1', null],
      [START, -1, '1', null],
    ])
      expect(await codeOf(append([row(1), wrong as unknown as ProfileRow]))).toBe('SMX_PROFILE_INVALID');
    expect(await kept()).toEqual([]);
  });

  it('keep their columns once they have rows', async () => {
    const told: unknown[] = [];
    store.profiles.onDefined(({ period }) => told.push(period));
    await store.profiles.put({ ...PROFILE, period: 3_600_000 });
    await store.profiles.put(PROFILE);
    await append([row(1)]);
    await store.profiles.put({ ...PROFILE, columns: [...PROFILE.columns] });
    const other = [{ obis: '1-0:1.5.0', unit: 'kW' }, PROFILE.columns[1]];
    expect(await codeOf(store.profiles.put({ ...PROFILE, columns: other }))).toBe('SMX_PROFILE_CHANGED');
    expect(await codeOf(store.profiles.put({ ...PROFILE, id: '../x' }))).toBe('SMX_PROFILE_INVALID');
    expect(await codeOf(store.profiles.append({ device: 'pcc', id: 'none', rows: [row(1)], source: null }))).toBe(
      'SMX_PROFILE_INVALID',
    );
    expect(store.profiles.list()).toEqual([PROFILE]);
    // what is as it was is no news
    expect(told).toEqual([3_600_000, PROFILE.period]);
  });

  it('chain and sign each row with the key of the box', async () => {
    await store.profiles.put(PROFILE);
    await append([row(1), row(2)], sha);
    await append([row(3)]);
    expect(statSync(join(dir, 'device.key')).mode & 0o777).toBe(0o600);
    let prev = profileGenesis(PROFILE);
    const records = await store.profiles.commits({ after: 0 });
    const pem = readFileSync(join(dir, 'device.key'), 'utf8');
    for (const record of records) {
      expect(record.prev).toBe(prev);
      expect(record.hash).toBe(rowHash(prev, record));
      expect(JSON.stringify(record)).not.toContain(pem.split('\n')[1]);
      prev = record.hash;
    }
    expect(records.map(({ source }) => source)).toEqual([sha, sha, null]);
    const [key] = await store.keys();
    expect(records.map((record) => record.key)).toEqual([key!.name, key!.name, key!.name]);
    const publicKey = publicKeyOf(key!)!;
    expect(records.map(({ hash, sig }) => isSigned(rowText(hash), sig, publicKey))).toEqual([true, true, true]);
    expect(isSigned(rowText(records[0]!.hash), records[1]!.sig, publicKey)).toBe(false);
    expect(publicKeyOf({ ...key!, name: '0000000000000000' })).toBeUndefined();
  });

  it('go on under a new key, told as an alarm, where the old one was lost', async () => {
    await store.profiles.put(PROFILE);
    await append([row(1)]);
    await store.close();
    writeFileSync(join(dir, 'device.key'), 'no key');
    store = await open();
    await append([row(2)]);
    const [first, second] = await store.profiles.commits({ after: 0 });
    expect(second!.prev).toBe(first!.hash);
    expect(second!.key).not.toBe(first!.key);
    expect(await store.events({})).toMatchObject([{ code: 'SMX_STORE_KEY', data: { before: first!.key } }]);
  });

  it('lose no row that was acknowledged and have none twice, however often the process is killed', async () => {
    await store.close();
    let acknowledged = -1;
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [join(__dirname, '../../test-fixtures/profile-child.cjs'), dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const enough = acknowledged + 5 + round * 3;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged >= enough) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      store = await open();
      const rows = (await store.profiles.rows({ device: 'd', id: 'p', from: -1, to: 9e15, limit: 1000 })).map(
        (record) => record.row[0],
      );
      await store.close();
      // at most one append was under way when it was killed
      expect(rows.length - 1 - acknowledged).toBeLessThanOrEqual(1);
      expect(rows).toEqual(Array.from({ length: rows.length }, (_, n) => n));
      expect(rows.length).toBeGreaterThan(acknowledged);
    }
    store = await open();
  });
});
