import { defineExtension, GuardedCounters } from '@smx-edge/extension-api';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { Way } from './blend.js';
import { Names } from './names.js';
import { SiteDevices, type DevicePart } from './site-devices.js';

let devices: SiteDevices;
let harness: Harness;
let now: number;

async function begin({ isOneHost = true, state = {} }: { isOneHost?: boolean; state?: Record<string, unknown> } = {}) {
  now = -20_000;
  const site = defineExtension({
    async start(smx) {
      devices = new SiteDevices({
        ...{ smx, isOneHost, hasModbus: true, monotonic: () => now, names: await Names.load(smx, {}) },
        counters: await GuardedCounters.load(smx, (counter, news) => devices.renewed(counter, news)),
        rhythm: () => ({ period: 1000, settle: 60_000 }),
      });
      smx.status('ok');
    },
  });
  harness = runExtension(site, { config: {}, state });
  await harness.until(() => harness.seen.statuses.length > 0);
  now = 0;
}

afterEach(async () => {
  await harness.stop();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

type Values = Record<string, number | string | null>;

function part(kind: DevicePart['kind'], number: string, serials: string[], values: Values): DevicePart {
  const points = Object.entries(values).map(([path, value]): SunSpecPoint => ({ path, value, unit: path.startsWith('energy') ? 'Wh' : 'W', quality: value === null ? 'bad' : 'good', ...(value === null && { reason: 'none' }) })); // prettier-ignore
  return { kind, number, serials, points, maxAge: 10_000, ...(kind === 'meter' && { place: 'feed-in' as const }) };
}

/** Resolves once all of it is shown. */
async function give(way: Way, ...parts: DevicePart[]): Promise<void> {
  devices.take(way, parts);
  await devices.settled();
  // new points are told once the host has answered
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

const names = (): string[] => [...harness.seen.devices.values()].map(({ name }) => name).sort();
const value = (path: string): unknown => harness.seen.values.get(path)?.value;
const all = (path: string): unknown[] => harness.seen.batches.flat().filter((one) => one.path === path).map((one) => one.value); // prettier-ignore

describe('devices of a site', () => {
  it.each([
    ['serial numbers, however written', ['34 119102 '], ['900001', '34119102'], '1', '7', false],
    ['numbers on one host where serial numbers say nothing', [], ['900001'], '1', '1', true],
    ['numbers on one host where serial numbers are of two kinds', ['34119102'], ['900001'], '1', '1', true],
  ] as const)('are one by %s', async (_, modbus, api, unit, number, isOneHost) => {
    await begin({ isOneHost });
    await give('modbus', part('inverter', unit, [...modbus], { 'power/active': -1 }));
    await give('api', part('inverter', number, [...api], { 'power/active': -2, frequency: 50 }));
    expect(names()).toEqual(['inverter']);
    expect([value('inverter/power/active'), value('inverter/frequency')]).toEqual([-1, 50]);
    expect(value('inverter/serial')).toBe(modbus[0] ?? api[0]);
  });

  it('are two where hosts and serial numbers differ, and where one host has two', async () => {
    await begin({ isOneHost: false });
    await give('modbus', part('inverter', '1', ['1001'], { 'power/active': -1 }));
    await give('api', part('inverter', '1', ['1002'], { 'power/active': -2 }), part('inverter', '2', [], { 'power/active': -3 })); // prettier-ignore
    expect(names()).toEqual(['inverter', 'inverter1', 'inverter2']);
  });

  it('tell what flows in and out apart, by phase too', async () => {
    await begin();
    await give(
      'api',
      part('meter', 'feed-in', [], { 'power/active': -7, 'power/active/l1': 3, 'power/active/l2': -10 }),
    );
    const flows = ['', '/l1', '/l2'].map((phase) => [value(`pcc/power/active/import${phase}`), value(`pcc/power/active/export${phase}`)]); // prettier-ignore
    expect(flows).toEqual([[0, 7], [3, 0], [0, 10]]); // prettier-ignore
  });

  it('are those of the registers first, where these are read as well', async () => {
    await begin();
    now = -15_000;
    await give('api', part('inverter', '1', ['900001'], { 'power/active': -2 }));
    expect(names()).toEqual([]);
    await give('modbus', part('inverter', '1', ['34119102'], { 'power/active': -1 }));
    await give('api', part('inverter', '1', ['900001'], { frequency: 50 }));
    expect([value('inverter/serial'), value('inverter/frequency')]).toEqual(['34119102', 50]);
  });

  it('keep their name where they are exchanged, and that is told', async () => {
    await begin();
    await give('api', part('meter', 'feed-in', ['M1'], { 'power/active': 1 }));
    await give('api', part('meter', 'feed-in', ['M2'], { 'power/active': 2 }));
    expect(names()).toEqual(['pcc']);
    expect([value('pcc/power/active'), value('pcc/serial')]).toEqual([2, 'M2']);
    expect(harness.seen.events).toMatchObject([{ code: 'device-replaced', data: { before: 'M1', now: 'M2' } }]);
  });

  it('go off line once no way gives a value, and come back', async () => {
    await begin();
    const online = (): unknown => [...harness.seen.devices.values()].map((device) => [device.online, device.reason])[0];
    await give('api', part('pv', 'site', [], { power: -5 }));
    expect(online()).toEqual([true, undefined]);
    now = 10_001;
    devices.look();
    expect(online()).toEqual([false, expect.stringContaining('gives a value')]);
    await give('api', part('pv', 'site', [], { power: null }));
    expect(online()).toEqual([false, expect.anything()]);
    await give('api', part('pv', 'site', [], { power: 0 }));
    expect(online()).toEqual([true, undefined]);
  });

  it('have no point for what never had a value, and a reason for what has none any more', async () => {
    await begin();
    await give('api', part('pv', '1', [], { power: -5, 'mppt3/power': null }));
    expect(harness.seen.definitions.has('pv/mppt3/power')).toBe(false);
    await give('api', part('pv', '1', [], { power: null, 'mppt3/power': null }));
    expect(harness.seen.values.get('pv/power')).toMatchObject({ value: null, quality: 'bad', reason: 'none' });
  });
});

describe('counters of a device that is read over two ways', () => {
  const meter = (wh: number): DevicePart => part('meter', 'feed-in', ['M'], { 'energy/active/import': wh });
  const inverter = (wh: number): DevicePart => part('inverter', '1', ['I'], { 'energy/active/export': wh });

  it('never fall, whichever way tells of the meter', async () => {
    await begin();
    await give('modbus', meter(5000));
    now = 20_000;
    await give('api', meter(4990));
    await give('api', meter(0));
    await give('api', meter(5030));
    expect(all('pcc/energy/active/import')).toEqual([5000, 5000, 5000, 5030]);
  });

  it('are those of one way for good where the ways count differently', async () => {
    await begin();
    await give('api', inverter(9_000_000));
    expect(value('inverter/energy/active/export')).toBeUndefined();
    await give('modbus', inverter(8_000_000));
    now = 100_000;
    // the registers keep silent, and the other way has its own figure
    await give('api', inverter(9_000_100));
    expect(all('inverter/energy/active/export')).toEqual([8_000_000]);
    const state = Object.fromEntries(harness.seen.state);
    await harness.stop();
    await begin({ state });
    now = 100_000;
    await give('api', inverter(9_000_200));
    await give('modbus', inverter(8_000_300));
    expect(all('inverter/energy/active/export')).toEqual([8_000_300]);
  });

  it('are those of the Solar API where no register has counted for long', async () => {
    await begin();
    await give('api', inverter(690));
    now = 60_001;
    await give('api', inverter(700));
    await give('modbus', inverter(900));
    expect(all('inverter/energy/active/export')).toEqual([700]);
  });

  it('go on from what they were where one began anew, and that is told', async () => {
    await begin();
    for (const wh of [5000, 5100, 20, 30, 40, 50]) await give('modbus', meter(wh));
    expect(value('pcc/energy/active/import')).toBe(5150);
    expect(harness.seen.events).toMatchObject([{ code: 'counter-reset', device: 'pcc' }]);
  });
});
