import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate, parseRoles } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { SampleBatch, silentLog, STALE, VirtualClock, Zone } from '@smx-edge/model';

/** The gate over the real live table and the real store. */
describe('gate over the store', () => {
  const dir = mkdtempSync(join(tmpdir(), 'smx-gate-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('gives in history the windows it gave live, nothing finer, and what went stale as stale', async () => {
    const clock = new VirtualClock();
    const zone = new Zone('Europe/Rome');
    const store = await Store.open({
      dir,
      clock,
      zone,
      log: silentLog,
      flush: 10_000,
      budget: 1 << 26,
      raw: 86_400_000,
    });
    const { live } = store;
    const gate = new Gate({ live, clock, zone, history: store, ledger: store, log: silentLog });
    gate.setRoles(
      parseRoles({
        roles: {
          dso: { grants: [{ read: ['+/voltage/#'], history: ['+/voltage/#'], every: '10s', round: 0.5 }] },
          raw: { grants: [{ read: ['#'] }] },
        },
      }),
    );
    const definition = {
      device: 'pcc',
      instance: 'p1',
      unit: 'V',
      type: 'number',
      kind: 'measurement',
      maxAge: 10_000,
    } as const;
    const voltage = live.declare({ path: 'pcc/voltage/l1', ...definition });
    for (const role of ['dso', 'raw']) gate.putPrincipal({ name: role, kind: 'token', role, created: 0 });
    const dso = gate.view('dso')!;
    const given: (readonly [number, unknown])[] = [];
    dso.subscribe((handles, n) => {
      for (let i = 0; i < n; i++) {
        const reading = dso.reading(handles[i]!)!;
        given.push([reading.t, reading.value]);
      }
    });
    const batch = new SampleBatch();
    for (let i = 0; i < 35; i++) {
      clock.advance(1000);
      batch.clear(clock.now());
      batch.number[batch.add(voltage)] = 230 + (i % 7) / 3;
      live.ingest(batch);
    }
    expect(given).toHaveLength(3);
    const query = { match: '#', from: clock.now() - 35_000, to: clock.now() };
    const [history] = await dso.history(query);
    const rows: (readonly [number, unknown])[] = [];
    for await (const chunk of history!.rows) for (const [t, value] of chunk) rows.push([t, value]);
    expect(rows).toEqual(given);
    await expect(dso.history({ ...query, every: 1000 })).rejects.toMatchObject({ code: 'SMX_ACCESS_TOO_FINE' });
    expect(await gate.view('raw')!.history(query)).toEqual([]);

    const told: number[] = [];
    const raw = gate.view('raw')!;
    raw.subscribe((handles) => told.push(raw.reading(handles[0]!)!.quality));
    clock.advance(10_001);
    expect(told).toEqual([STALE]);
    gate.close();
    await store.close();
  });
});
