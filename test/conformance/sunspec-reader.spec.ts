import type { Server } from 'node:net';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import sunspec from '@smx-edge/sunspec';
import { hasRecorded, RECORDED, serveRecorded } from './support/recorded-inverters.js';

const given = hasRecorded() ? describe : describe.skip;

given('the reader of SunSpec devices', () => {
  let server: Server;
  let harness: Harness;
  afterEach(async () => {
    await harness.stop();
    server.close();
    expect(harness.seen.exceptions).toEqual([]);
  });

  async function read(name: (typeof RECORDED)[number]): Promise<void> {
    const served = await serveRecorded(name);
    server = served.server;
    const { source } = served;
    harness = runExtension(sunspec, { config: { source, names: {}, poll: '200ms', timeout: '1s' } });
    const beats = (): number => harness.seen.batches.length;
    await harness.until(() => harness.seen.statuses.at(-1)?.state === 'ok' && beats() > 5, 30_000);
  }
  const value = (path: string): unknown => harness.seen.values.get(path)?.value;

  it('shows a live Verto and its meter as they stand', async () => {
    await read('verto_live');
    await harness.until(() => value('pcc/power/active') !== undefined && value('pv/power') !== undefined);
    const kinds = [...harness.seen.devices.values()].map(({ name, kind }) => [name, kind]);
    expect(kinds).toEqual(expect.arrayContaining([['inverter', 'inverter'], ['pv', 'pv'], ['battery', 'battery'], ['pcc', 'meter']])); // prettier-ignore
    expect(value('inverter/status')).toBe('mppt');
    // its third tracker has nothing on it, and is no reason to show nothing of the others
    expect(value('pv/power')).toBeLessThan(0);
    expect(value('pv/energy/produced')).toBeGreaterThan(0);
    expect(harness.seen.values.has('pv/mppt3/power')).toBe(false);
    for (const path of ['inverter/voltage/l1', 'pcc/voltage/l1', 'inverter/voltage/l3'])
      expect(Math.abs(Number(value(path)) - 230)).toBeLessThan(25);
  });

  it.each(RECORDED.filter((name) => name !== 'verto_live'))(
    'reads %s without a number that cannot be',
    async (name) => {
      await read(name);
      for (const sample of harness.seen.values.values())
        if (typeof sample.value === 'number') expect(Number.isFinite(sample.value)).toBe(true);
      expect(harness.seen.refused).toEqual([]);
    },
  );
});
