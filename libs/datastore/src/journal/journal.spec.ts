import { SampleBatch, silentLog, VirtualClock, Zone } from '@smx-edge/model';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../store/store.js';

const MINUTE = 60_000;
const MINUTES = 40;

it('a closed segment that lost its end is a gap over all of its time, with the samples that are missing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smx-journal-'));
  const clock = new VirtualClock();
  const options = { dir, clock, zone: new Zone('UTC'), log: silentLog, flush: 1e9, budget: 2 ** 30, raw: 1e12 };
  const start = clock.now();
  try {
    let store = await Store.open(options);
    const handle = store.live.declare({
      ...{ path: 'd/p', device: 'd', instance: 'i', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
    });
    const batch = new SampleBatch();
    for (let n = 0; n < MINUTES; n++) {
      batch.clear(clock.now());
      batch.number[batch.add(handle)] = n;
      store.live.ingest(batch);
      await store.flush();
      clock.advance(MINUTE);
    }
    await store.close();
    const [segment] = readdirSync(join(dir, 'journal')).map((name) => join(dir, 'journal', name));
    truncateSync(segment!, Math.floor(statSync(segment!).size / 2));
    store = await Store.open(options);
    let found = 0;
    for await (const rows of store.history({ handle, from: 0, to: 9e15 })) found += rows.length;
    const gaps = (await store.events({})).filter(({ code }) => code === 'SMX_STORE_GAP').map(({ data }) => data);
    expect(found).toBeLessThan(MINUTES);
    expect(gaps).toContainEqual(expect.objectContaining({ samples: MINUTES - found, from: start }));
    for (const gap of gaps) expect(gap).toMatchObject({ from: start, to: start + (MINUTES - 1) * MINUTE });
    await store.close();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
