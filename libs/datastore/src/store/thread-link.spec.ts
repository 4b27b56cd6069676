import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock, Zone, type CommandRow, type NewEventFile } from '@smx-edge/model';
import { Store } from './store.js';

let dir: string;
let store: Store;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'smx-asked-'));
  const base = { clock: new VirtualClock(Date.UTC(2026, 10, 1)), zone: new Zone('UTC'), log: silentLog };
  store = await Store.open({ dir, ...base, flush: 10_000, budget: 2 ** 30, raw: 1e12 });
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const command = (id: string, record: unknown): CommandRow => ({
  ...{ principal: 'ctl', id, point: 'battery/power/setpoint', received: 1, over: true, record },
});

describe('requests of one go', () => {
  it('fail alone where one of them cannot be handed over', async () => {
    const all = await Promise.allSettled([
      store.commands.putCommands({ rows: [command('a', { n: 1 })] }),
      store.commands.putCommands({ rows: [command('b', { cannot: () => undefined })] }),
      store.commands.putCommands({ rows: [command('c', { n: 3 })] }),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(all[1]).toMatchObject({ reason: { code: 'SMX_INTERNAL' } });
    expect((await store.commands.commands({})).map(({ id }) => id)).toEqual(['c', 'a']);
  });

  it('are answered each with its own bytes, also where several have the same, few or none', async () => {
    const files: NewEventFile[] = [0, 1, 100, 10_000].map((size, i) => ({
      ...{ name: `f${i}`, type: 'application/octet-stream', bytes: new Uint8Array(size).fill(i) },
    }));
    const about = { t: 1, path: 'pcc', code: 'sag', severity: 'info', state: 'once', text: 'sag' } as const;
    const { id } = await store.addEvent(about, files);
    const asked = [...files, ...files];
    const read = await Promise.all(asked.map(({ name }) => store.eventFile(id, name)));
    for (const [i, { bytes }] of asked.entries()) expect(Buffer.from(read[i]!.bytes)).toEqual(Buffer.from(bytes));
  });
});
