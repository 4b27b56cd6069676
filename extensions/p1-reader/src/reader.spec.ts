import { encodeTelegram, encryptFrame, formatTst, hexText, type EncodableObject } from '@smx-edge/protocols/p1';
import { belgian, lines, MeterWire, NOON, type Objects } from '../test-support/meter-wire.js';

const BASE: Objects = {
  '1-0:1.8.1': '006171.486*kWh',
  '1-0:1.8.2': '004579.491*kWh',
  '1-0:2.8.1': '000001.000*kWh',
  '1-0:2.8.2': '000002.000*kWh',
  '0-0:96.14.0': '0002',
  '1-0:1.7.0': '01.001*kW',
  '1-0:2.7.0': '00.000*kW',
  '1-0:32.7.0': '235.9*V',
  '0-0:96.3.10': '1',
  '0-0:17.0.0': '999.9*kW',
  '1-0:31.4.0': '999*A',
};
const gas = (id: string, t: number, volume: string, channel = 1): Objects => ({
  [`0-${channel}:24.1.0`]: '003',
  [`0-${channel}:96.1.1`]: hexText(id),
  [`0-${channel}:24.4.0`]: '0',
  [`0-${channel}:24.2.3`]: [formatTst(t, 3_600_000), `${volume}*m3`],
});

let wire: MeterWire;
const openWire = async (...args: Parameters<MeterWire['open']>): Promise<MeterWire> =>
  (wire = await new MeterWire().open(...args));

afterEach(async () => {
  expect(wire.harness.seen.exceptions).toEqual([]);
  expect(wire.harness.seen.refused).toEqual([]);
  await wire.close();
});

describe('values of a telegram', () => {
  it('come as one batch with the time of the meter, exact, with unit, kind, OBIS code and max age', async () => {
    const { harness } = await openWire();
    await wire.telegram(belgian(NOON - 3000, BASE));
    // the points of a first telegram must be answered for; from the second on it is one message
    const before = harness.seen.batches.length;
    await wire.telegram(belgian(NOON - 2000, BASE));
    expect(harness.seen.batches.length).toBe(before + 1);
    const batch = harness.seen.batches.at(-1)!;
    expect(batch.length).toBeGreaterThan(20);
    expect(new Set(batch.map(({ t }) => t))).toEqual(new Set([NOON - 2000]));
    expect(wire.value('pcc/power/active')).toBe(1001);
    expect(wire.value('pcc/energy/active/import')).toBe(10_750_977);
    expect(wire.value('pcc/energy/active/import/t2')).toBe(4_579_491);
    expect(wire.value('pcc/voltage/l1')).toBe(235.9);
    expect(wire.value('pcc/tariff')).toBe(2);
    expect(wire.value('pcc/breaker')).toBe('connected');
    expect(wire.value('pcc/serial')).toBe('1SAG1100000292');
    expect(wire.value('pcc/clock/offset')).toBe(-2);
    expect(harness.seen.definitions.get('pcc/energy/active/import')).toMatchObject({
      unit: 'Wh',
      kind: 'counter',
      maxAge: 10_000,
    });
    expect(harness.seen.definitions.get('pcc/energy/active/import/t1')).toMatchObject({ obis: '1-0:1.8.1' });
    expect(harness.seen.definitions.get('pcc/serial')).toMatchObject({ personal: true, type: 'string' });
    expect([...harness.seen.devices.values()]).toMatchObject([{ name: 'pcc', kind: 'meter', manufacturer: 'FLU', model: '253770234_A', serial: '1SAG1100000292', online: true }]); // prettier-ignore
  });

  it('are null where a limit is not active or a bracket is empty, and never 0 where absent', async () => {
    const { seen } = (await openWire()).harness;
    await wire.telegram(belgian(NOON, { ...BASE, '1-0:52.7.0': '', '0-0:96.13.0': '' }));
    const off = { value: null, quality: 'good', reason: 'not active' };
    expect(seen.values.get('pcc/limiter/power')).toMatchObject(off);
    expect(seen.values.get('pcc/fuse/current')).toMatchObject(off);
    expect(seen.values.get('pcc/message')).toMatchObject({ value: null, quality: 'good', reason: 'empty' });
    expect(seen.values.get('pcc/voltage/l2')).toMatchObject({ value: null, quality: 'bad', reason: 'empty' });
    expect(seen.definitions.has('pcc/voltage/l3')).toBe(false);
    expect(seen.definitions.has('pcc/power/reactive')).toBe(false);
    // 1.7.0 vanishes from the next telegram: nothing is set in its place
    const rest = Object.fromEntries(Object.entries(BASE).filter(([code]) => code !== '1-0:1.7.0'));
    await wire.telegram(belgian(NOON + 1000, rest));
    const newest = seen.batches.filter((batch) => batch.some(({ path }) => path === 'pcc/clock/offset')).at(-1)!;
    expect(newest.some(({ path }) => path === 'pcc/power/active/import' || path === 'pcc/power/active')).toBe(false);
  });

  it('keep registers without a name under obis/', async () => {
    await openWire();
    await wire.telegram(belgian(NOON, { ...BASE, '1-0:99.1.7': '00012.5*V', '0-0:97.5.5': 'A0B' }));
    expect(wire.value('pcc/obis/1-0_99-1-7')).toBe(12.5);
    expect(wire.value('pcc/obis/0-0_97-5-5')).toBe('A0B');
    await wire.telegram(belgian(NOON + 1000, { ...BASE, '1-0:99.1.7': '00012.6*V' }));
    const told = wire.harness.seen.logs.filter(({ message }) => message === 'register without a name');
    expect(told.map(({ fields }) => fields!['obis'])).toEqual(['1-0:99.1.7', '0-0:97.5.5']);
  });

  it('mark a net of three wires and repair nothing: by the object for it, else by the voltages', async () => {
    const { seen } = (await openWire()).harness;
    await wire.telegram(belgian(NOON, BASE));
    expect(seen.definitions.has('pcc/net')).toBe(false);
    const three = { ...BASE, '1-0:52.7.0': '000.0*V', '1-0:72.7.0': '236.1*V', '1-0:41.7.0': '00.000*kW', '1-0:42.7.0': '00.000*kW' }; // prettier-ignore
    await wire.telegram(belgian(NOON + 1000, three));
    expect(seen.values.get('pcc/net')).toMatchObject({ value: '3x230', quality: 'uncertain' });
    expect(seen.values.get('pcc/voltage/l2')).toMatchObject({ value: 0, quality: 'good' });
    expect(seen.values.get('pcc/power/active/l2')).toMatchObject({ value: 0, quality: 'good' });
    await wire.telegram(belgian(NOON + 2000, { ...three, '1-0:94.32.1': '400' }));
    expect(seen.values.get('pcc/net')).toMatchObject({ value: '3x400', quality: 'good' });
    await wire.telegram(belgian(NOON + 3000, BASE));
    expect(seen.values.get('pcc/net')).toMatchObject({ value: null, quality: 'bad' });
  });
});

describe('CRC', () => {
  const broken = (t: number): Uint8Array => {
    const bytes = belgian(t, BASE);
    bytes[bytes.indexOf(0x38)]! ^= 1;
    return bytes;
  };
  const stripped = (t: number): Uint8Array =>
    Buffer.from(`${Buffer.from(belgian(t, BASE)).toString('latin1').split('!')[0]!}!\r\n`, 'latin1');

  it('bad: the telegram gives no value, the device goes off line and the fault is an event, cleared by a good one', async () => {
    const { seen } = (await openWire()).harness;
    await wire.rejected(broken(NOON));
    await wire.pass(24_000);
    await wire.rejected(broken(NOON + 24_000));
    await wire.pass(2000);
    expect(seen.batches).toEqual([]);
    expect(wire.codes()).toEqual(['p1-crc-failing raised']);
    expect(seen.statuses.at(-1)).toMatchObject({ state: 'error', text: expect.stringContaining('damaged') });
    expect([...seen.devices.values()][0]).toMatchObject({ online: false, reason: expect.stringContaining('damaged') });
    await wire.telegram(belgian(NOON + 26_000, BASE));
    await wire.pass(1000);
    expect([...seen.devices.values()][0]).toMatchObject({ online: true });
    expect([...seen.lines.values()][0]).toMatchObject({ status: 'ok', counters: { framesBad: 2, framesOk: 1 } });
  });

  it('absent where the version has one: refused, or uncertain where the operator accepts it', async () => {
    await openWire();
    await wire.rejected(stripped(NOON));
    expect(wire.harness.seen.batches).toEqual([]);
    await wire.close();
    await openWire({ crc: 'accept-absent' });
    await wire.telegram(stripped(NOON));
    expect(wire.harness.seen.values.get('pcc/power/active')).toMatchObject({ value: 1001, quality: 'uncertain', reason: expect.stringContaining('CRC') }); // prettier-ignore
    expect(wire.harness.seen.values.get('pcc/peak/quarter')).toMatchObject({ value: 0, quality: 'uncertain' });
    await wire.rejected(broken(NOON + 1000));
  });

  it('absent in DSMR 3.0 is as it should be, and its gas time is local', async () => {
    const { seen } = (await openWire({ timezone: 'Europe/Amsterdam' })).harness;
    const objects = lines({
      '0-0:96.1.1': hexText('KAMSTRUP'),
      '1-0:1.8.1': '12345.678*kWh',
      '1-0:1.7.0': '0001.19*kW',
      '0-1:24.1.0': '3',
      '0-1:96.1.0': hexText('G3'),
      '0-1:24.3.0': ['260114115500', '00', '60', '1', '0-1:24.2.0', 'm3', '00947.680'],
    });
    const send = (...all: EncodableObject[]): void => wire.write(encodeTelegram({ ident: 'KMP5 KA6U001585575011', crc: false, objects: all })); // prettier-ignore
    send(...objects);
    await wire.harness.until(() => seen.values.has('gas/captured'));
    expect(seen.values.get('pcc/power/active/import')).toMatchObject({ value: 1190, quality: 'good', t: undefined });
    expect(seen.values.get('gas/volume')).toMatchObject({ value: 947.68, t: NOON - 300_000 });
    expect(seen.values.get('gas/captured')).toMatchObject({ value: NOON - 300_000 });
    // a flipped bit in an identifier is no other meter: nothing proves it, and it does not come again
    const flipped = objects.map((object) => ({ ...object, groups: object.obis.includes(':96.1.') ? [hexText('FLIP')] : object.groups })); // prettier-ignore
    send(...flipped);
    send(...objects.filter(({ obis }) => obis !== '0-1:96.1.0'));
    for (let i = 0; i < 3; i++) send(...objects);
    await wire.frames(6);
    expect([...seen.devices.values()].map(({ name, serial }) => [name, serial])).toEqual([['pcc', 'KAMSTRUP'], ['gas', 'G3']]); // prettier-ignore
    expect(wire.codes()).toEqual([]);
    for (let i = 0; i < 3; i++) send(...flipped);
    await wire.harness.until(() => seen.devices.size === 3);
    expect(wire.codes()).toContain('meter-replaced');
  });
});

describe('a telegram longer than any known', () => {
  const long = belgian(NOON, { ...BASE, '0-0:96.13.0': hexText('x'.repeat(5000)) });

  it('is given up, and read where the operator allows it', async () => {
    await openWire();
    await wire.rejected(long);
    expect(await wire.harness.call('counters')).toMatchObject({ overflows: 1, ok: 0 });
    await wire.close();
    await openWire({ longest: 16_384 });
    await wire.telegram(long);
    expect(wire.value('pcc/power/active')).toBe(1001);
  });
});

describe('a line that is not well', () => {
  it('says that nothing comes, then that no telegram does', async () => {
    const { seen } = (await openWire()).harness;
    await wire.pass(26_000);
    expect(wire.codes()).toEqual(['p1-no-bytes raised']);
    wire.write('noise noise noise');
    await wire.harness.until(() => [...seen.lines.values()].some(({ status }) => status === 'no-frames'));
    await wire.pass(2000);
    expect(wire.codes()).toEqual(['p1-no-bytes raised', 'p1-no-bytes cleared', 'p1-no-frames raised']);
  });
});

describe('registers', () => {
  it('are held when they fall, believed again when right, and believed anew after ten telegrams', async () => {
    const { seen } = (await openWire()).harness;
    const at = (second: number, import1: string): Promise<void> =>
      wire.telegram(belgian(NOON + second * 1000, { ...BASE, '1-0:1.8.1': `${import1}*kWh` }));
    await at(0, '006171.486');
    await at(1, '000000.000');
    expect(seen.values.get('pcc/energy/active/import/t1')).toMatchObject({ value: 6_171_486, quality: 'uncertain', reason: expect.stringContaining('fell') }); // prettier-ignore
    expect(seen.values.get('pcc/energy/active/import')).toMatchObject({ value: 10_750_977, quality: 'uncertain' });
    expect(seen.values.get('pcc/energy/active/import/t2')).toMatchObject({ quality: 'good' });
    await at(2, '006171.487');
    expect(seen.values.get('pcc/energy/active/import/t1')).toMatchObject({ value: 6_171_487, quality: 'good' });
    const held = ['energy/active/import/t1', 'energy/active/import'].sort();
    const told = (state: string): unknown[] => seen.events.filter((event) => event.code === 'register-held' && event.state === state).map(({ path }) => path).sort(); // prettier-ignore
    expect(told('raised')).toEqual(held);
    expect(told('cleared')).toEqual(held);
    for (let i = 0; i < 10; i++) await at(3 + i, '000007.000');
    expect(seen.values.get('pcc/energy/active/import/t1')).toMatchObject({ value: 7000, quality: 'good' });
    expect(wire.codes()).toContain('register-level');
  });

  it('of another meter are taken at once, and counting begins anew', async () => {
    const { seen } = (await openWire()).harness;
    await wire.telegram(belgian(NOON, BASE));
    await wire.telegram(belgian(NOON + 1000, { ...BASE, '1-0:1.8.1': '000000.010*kWh' }, '1SAG1100000999'));
    expect(seen.values.get('pcc/energy/active/import/t1')).toMatchObject({ value: 10, quality: 'good' });
    expect(seen.values.get('pcc/peak/quarter')).toMatchObject({
      quality: 'uncertain',
      reason: expect.stringContaining('part'),
    });
    expect(wire.codes()).toContain('meter-replaced');
  });
});

describe('a box that loses its power', () => {
  it('knows its registers again, as they stood at most a quarter of an hour before', async () => {
    const { harness } = await openWire({ peak: { enabled: false } });
    for (const minute of [0, 8, 16]) {
      wire.clock.setWall(NOON + minute * 60_000);
      await wire.telegram(belgian(NOON + minute * 60_000, { ...BASE, '1-0:1.8.1': `006171.5${minute + 10}*kWh` }));
    }
    const kept = harness.seen.state.get('reader') as { registers: Record<string, unknown> };
    expect(kept.registers['energy/active/import/t1']).toEqual([6_171_526, NOON + 960_000]);
  });
});

describe('an encrypted meter whose frame counter does not rise', () => {
  it('is told of once, not with each frame', async () => {
    const key = '0123456789ABCDEF0123456789ABCDEF';
    const { seen } = (await openWire({ key })).harness;
    const plain = belgian(NOON, BASE);
    for (const counter of [7, 7, 7, 7, 8, 3]) wire.write(encryptFrame(plain, { key: Buffer.from(key, 'hex'), title: Buffer.from('SAGgp123'), counter })); // prettier-ignore
    await wire.frames(6);
    const told = seen.events.filter(({ code }) => code === 'p1-counter-fell').map(({ data }) => data);
    expect(told).toEqual([{ counter: 7 }, { counter: 3 }]);
  });
});

describe('sub-meters', () => {
  it('are devices of their own that move when they were read, not with each telegram', async () => {
    const { seen } = (await openWire()).harness;
    const at = (second: number, captured: number, volume: string): Promise<void> =>
      wire.telegram(belgian(NOON + second * 1000, { ...BASE, ...gas('7FLO01', NOON + captured * 1000, volume) }));
    const volumes = (): unknown[] => seen.batches.flat().filter(({ path }) => path === 'gas/volume').map(({ value, t }) => [t! - NOON, value]); // prettier-ignore
    for (let second = 0; second < 5; second++) await at(second, 0, '00112.384');
    expect(volumes()).toEqual([[0, 112.384]]);
    await at(300, 300, '00112.500');
    await at(600, 600, '00112.500');
    expect(volumes()).toEqual([
      [0, 112.384],
      [300_000, 112.5],
      [600_000, 112.5],
    ]);
    expect(seen.definitions.get('gas/volume')).toMatchObject({ unit: 'm3', kind: 'counter', maxAge: 900_000 });
    expect(seen.definitions.get('gas/serial')).toMatchObject({ personal: true });
    expect(wire.value('gas/valve')).toBe('closed');
    // a reading of nought between two others is not believed
    await at(900, 900, '00000.000');
    expect(seen.values.get('gas/volume')).toMatchObject({ value: 112.5, quality: 'uncertain' });
  });

  it('take a name by equipment id or medium', async () => {
    const { seen } = (await openWire({ names: { '7FLO02': 'bakery', gas: 'main-gas' } })).harness;
    await wire.telegram(
      belgian(NOON, { ...BASE, ...gas('7FLO01', NOON, '00001.000'), ...gas('7FLO02', NOON, '00002.000', 2) }),
    );
    await wire.harness.until(() => seen.values.has('bakery/volume'));
    expect(wire.value('main-gas/volume')).toBe(1);
    expect(wire.value('bakery/volume')).toBe(2);
  });

  it('that were exchanged: the new one is a new device, the old one ends and stays visible, also over a restart', async () => {
    await openWire();
    await wire.telegram(belgian(NOON, { ...BASE, ...gas('OLD', NOON - 60_000, '00900.000') }));
    await wire.harness.until(() => wire.harness.seen.values.has('gas/volume'));
    const later = NOON + 7_200_000;
    wire.clock.setWall(later);
    const both = { ...BASE, ...gas('OLD', NOON - 60_000, '00900.000'), ...gas('NEW', later, '00000.125', 2) };
    await wire.telegram(belgian(later, both));
    await wire.harness.until(() => wire.harness.seen.values.has('gas-2/volume'));
    expect(wire.harness.seen.values.get('gas-2/volume')).toMatchObject({ value: 0.125, quality: 'good' });
    expect([...wire.harness.seen.devices.values()].find(({ name }) => name === 'gas')).toMatchObject({ online: false });
    expect(wire.codes()).toContain('sub-meter-replaced');
    const state = await wire.close();
    await openWire({}, state);
    wire.clock.setWall(later + 10_000);
    await wire.telegram(belgian(later + 10_000, both));
    await wire.harness.until(() => wire.harness.seen.values.has('gas/volume'));
    expect(wire.harness.seen.values.get('gas/volume')).toMatchObject({ value: 900, quality: 'stale' });
    expect(wire.value('gas-2/volume')).toBe(0.125);
    expect(wire.codes()).not.toContain('sub-meter-replaced');
  });
});

describe('occurrences', () => {
  it('are told once, also over a restart: power failures, messages, breaker and valve', async () => {
    await openWire();
    const log = (...ends: string[]): string[] => [
      String(ends.length),
      '0-0:96.7.19',
      ...ends.flatMap((end) => [end, '0000000240*s']),
    ];
    const first = { ...BASE, '1-0:99.97.0': log('210314093211W', '230718154502S'), ...gas('G', NOON, '00001.000') };
    await wire.telegram(belgian(NOON, first));
    await wire.telegram(belgian(NOON + 1000, { ...first, '0-0:96.13.0': hexText('Work on the grid on Monday') }));
    await wire.harness.until(() => wire.codes().includes('message'));
    const failures = wire.harness.seen.events.filter(({ code }) => code === 'power-failure');
    expect(failures.map(({ t, data }) => [t, data])).toEqual([
      [Date.UTC(2021, 2, 14, 8, 32, 11), { duration: 240 }],
      [Date.UTC(2023, 6, 18, 13, 45, 2), { duration: 240 }],
    ]);
    expect(JSON.stringify(wire.harness.seen.events)).not.toContain('Monday');
    expect(wire.value('pcc/message')).toBe('Work on the grid on Monday');
    const state = await wire.close();
    await openWire({}, state);
    const after = {
      ...first,
      '1-0:99.97.0': log('210314093211W', '230718154502S', '260114115959W'),
      '0-0:96.3.10': '0',
      '0-1:24.4.0': '1',
    };
    await wire.telegram(belgian(NOON + 2000, { ...after, '0-0:96.13.0': hexText('Work on the grid on Monday') }));
    await wire.harness.until(() => wire.codes().includes('valve'));
    expect(wire.codes().sort()).toEqual(['breaker', 'power-failure', 'valve']);
  });
});

describe('quarter-hour peak', () => {
  const quarterly = (second: number, watt: number, extra: Objects = {}): Uint8Array => {
    const wh = 4_579_491 + Math.floor((second * watt) / 3600);
    const kilowatt = (watt / 1000).toFixed(3).padStart(6, '0');
    return belgian(NOON + second * 1000, {
      ...BASE,
      '1-0:1.8.2': `${(wh / 1000).toFixed(3).padStart(10, '0')}*kWh`,
      '1-0:1.7.0': `${kilowatt}*kW`,
      ...extra,
    });
  };

  it('is counted, forecast, alarmed, recorded, and goes on after a restart', async () => {
    await openWire({ peak: { floor: 2500, after: '3m' } });
    for (let second = 0; second <= 240; second += 10) await wire.telegram(quarterly(second, 3600));
    const { seen } = wire.harness;
    expect(wire.value('pcc/peak/quarter')).toBe(960);
    expect(wire.value('pcc/peak/quarter/forecast')).toBe(3600);
    expect(wire.value('pcc/peak/limit')).toBe(2500);
    expect(wire.value('pcc/peak/headroom')).toBe(2100);
    expect(seen.values.get('pcc/peak/month')).toMatchObject({ value: null, reason: expect.stringContaining('month') });
    expect(wire.codes().filter((code) => code.startsWith('peak'))).toEqual(['peak-forecast raised']);
    const state = await wire.close();
    await openWire({ peak: { floor: 2500, after: '3m' } }, state);
    for (let second = 500; second <= 900; second += 10) await wire.telegram(quarterly(second, 3600));
    expect(wire.harness.seen.values.get('pcc/peak/quarter/last')).toMatchObject({
      value: 3600,
      t: NOON + 900_000,
      quality: 'good',
    });
    expect(wire.harness.seen.values.get('pcc/peak/month')).toMatchObject({ value: 3600, quality: 'good' });
    expect(wire.value('pcc/peak/month/at')).toBe(NOON + 900_000);
    expect(wire.value('pcc/peak/limit')).toBe(3600);
    expect(wire.codes()).toContain('peak-month');
    // the new limit is the peak itself: what was raised before the restart is cleared
    await wire.telegram(quarterly(910, 3600, { '1-0:1.7.0': '00.100*kW' }));
    expect(wire.codes()).toContain('peak-forecast cleared');
    expect(await wire.harness.call('peaks')).toMatchObject([{ watt: 3600, by: 'own' }]);
  });

  it('takes the meter at its word: running demand, month peak and 13 months', async () => {
    await openWire();
    const history = ['2', '1-0:1.6.0', '1-0:1.6.0', '251201000000W', '251118183000W', '05.123*kW', '260101000000W', '251206083000W', '03.340*kW']; // prettier-ignore
    const meter = { '1-0:1.4.0': '01.500*kW', '1-0:1.6.0': ['260109193000W', '04.627*kW'], '0-0:98.1.0': history };
    await wire.telegram(quarterly(450, 3000, meter));
    expect(wire.harness.seen.values.get('pcc/peak/quarter')).toMatchObject({ value: 1500, quality: 'good' });
    expect(wire.value('pcc/peak/quarter/forecast')).toBe(3000);
    expect(wire.value('pcc/peak/month')).toBe(4627);
    expect(wire.value('pcc/peak/month/at')).toBe(Date.UTC(2026, 0, 9, 18, 30));
    expect(wire.value('pcc/peak/limit')).toBe(4627);
    expect(wire.value('pcc/peak/headroom')).toBe((4627 - 1500) * 2);
    expect(wire.value('pcc/peak/billing')).toBe(Math.round((5123 + 3340 + 4627) / 3));
    expect(await wire.harness.call('peaks')).toHaveLength(3);
  });

  it('can be left to the meter', async () => {
    await openWire({ peak: { enabled: false } });
    await wire.telegram(quarterly(450, 3000, { '1-0:1.4.0': '01.500*kW' }));
    expect(wire.value('pcc/peak/quarter')).toBe(1500);
    expect(wire.harness.seen.definitions.has('pcc/peak/headroom')).toBe(false);
  });
});

describe('calls', () => {
  it('give the newest telegram as it came', async () => {
    await openWire();
    const bytes = belgian(NOON, BASE);
    await wire.telegram(bytes);
    const { text } = (await wire.harness.call('telegram')) as { text: string };
    expect(Buffer.from(bytes).toString('latin1').startsWith(text)).toBe(true);
    expect(text.endsWith('!')).toBe(true);
  });
});

describe('the month peaks that a meter keeps', () => {
  const HISTORY: Objects = {
    '0-0:98.1.0': [
      ...['2', '1-0:1.6.0', '1-0:1.6.0', '200501000000S', '200423192500S', '03.695*kW'],
      ...['200401000000S', '200305121500W', '05.980*kW'],
    ],
  };
  const rows = () => wire.harness.seen.profiles.rows('pcc/peaks');

  it('are the load profile `peaks`, each month once', async () => {
    const { harness } = await openWire();
    for (let i = 0; i < 3; i++) await wire.telegram(belgian(NOON + i * 1000, { ...BASE, ...HISTORY }));
    await harness.until(() => rows().length === 2);
    expect(harness.seen.profiles.definitions()).toMatchObject([{ id: 'peaks', period: 'month' }]);
    expect(rows()).toEqual([
      [Date.UTC(2020, 2, 31, 22), 0, '5980', String(Date.UTC(2020, 2, 5, 11, 15) / 1000)],
      [Date.UTC(2020, 3, 30, 22), 0, '3695', String(Date.UTC(2020, 3, 23, 17, 25) / 1000)],
    ]);
  });
});
