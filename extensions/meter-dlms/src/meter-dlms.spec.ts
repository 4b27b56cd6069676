import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { ProfileBook, runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { cipherHeader, type GetResult } from '@smx-edge/protocols/cosem';
import type { MeterObject } from '@smx-edge/protocols/dlms';
import {
  clock,
  eventLog,
  FIRST_PHYSICAL,
  profile,
  register,
  TestMeter,
  text,
  type TestEntry,
  type TestMeterOptions,
  type TestRow,
} from '../test-support/test-meter.js';
import meterDlms from './index.js';
import type { DlmsConfig } from './settings.js';

const QUARTER = 900_000;
const KEYS = { encryption: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
const SECURITY = { 'encryption-key': '01'.repeat(16), 'authentication-key': '02'.repeat(16) };
let power = 1234;
let rows: TestRow[] = [];
let entries: TestEntry[] = [];

const OBJECTS = [
  text('0-0:96.1.0', 0x1000, 'LGZ53078125'),
  text('1-0:0.2.0', 0x1100, 'P07'),
  clock(0x2bc0, () => Date.now() + 5000),
  register('1-0:16.7.0', 0x7000, () => power, [0, 27]),
  register('1-0:32.7.0', 0x6ae0, () => 2301, [-1, 35]),
  register('1-0:1.8.0', 0x3b38, () => 12_345_678, [1, 30]),
  profile(0x6270, QUARTER, () => rows),
  eventLog(0x60e0, () => entries),
];

let meter: TestMeter;
let harness: Harness;

async function open(
  options: Partial<TestMeterOptions>,
  config: Partial<DlmsConfig>,
  given: { state?: Record<string, unknown>; profiles?: ProfileBook } = {},
): Promise<void> {
  // prettier-ignore
  meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects: OBJECTS, ...options });
  const source = await meter.open();
  harness = runExtension(meterDlms, { config: { source, instantaneous: '200ms', ...config }, ...given });
}

const seen = (path: string): unknown => harness.seen.values.get(path)?.value;
/** Long, for a machine that is busy with much else. */
const until = (condition: () => boolean): Promise<void> => harness.until(condition, 60_000);
const reads = (): number => meter.asked.filter(({ apdu }) => apdu === 'get-request' || apdu === 'read-request').length;

beforeEach(() => {
  power = 1234;
  rows = [];
  entries = [];
});

afterEach(async () => {
  await harness.stop();
  await meter.close();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

describe.each([
  ['by logical names over the wrapper', { framing: 'wrapper', referencing: 'LN' }, { transport: 'wrapper' }],
  ['by logical names over HDLC', { framing: 'hdlc', referencing: 'LN' }, { transport: 'hdlc' }],
  ['by short names over HDLC', { framing: 'hdlc', referencing: 'SN', password: '00000000' }, { transport: 'hdlc', profile: 'landis-gyr-zmd', password: '00000000' }], // prettier-ignore
  ['ciphered over the wrapper', { framing: 'wrapper', referencing: 'LN', keys: KEYS }, { transport: 'wrapper', auth: 'gmac', security: SECURITY }], // prettier-ignore
  ['by short names over the wrapper', { framing: 'wrapper', referencing: 'SN' }, { transport: 'wrapper', referencing: 'sn' }], // prettier-ignore
] as const)('a meter read %s', (_, options, config) => {
  it('gives values, registers, identity and clock as points, and its load profile row by row', async () => {
    const last = Math.floor((Date.now() - 60_000) / QUARTER) * QUARTER;
    // one row is not in the meter, as after a power failure
    rows = [5, 4, 3, 1, 0].map((before) => ({ t: last - before * QUARTER, raw: 1000 - before }));
    entries = [1, 77].map((number) => ({ t: last - 1000 * number, number }));
    const profiles = new ProfileBook();
    await open(options, { ...config, 'back-fill': '2h', 'event-logs': ['0-0:99.98.0'] }, { profiles });
    await until(() => seen('pcc/power/active') === 1234 && seen('pcc/clock/offset') !== undefined);
    expect(seen('pcc/voltage/l1')).toBe(230.1);
    expect(seen('pcc/energy/active/import')).toBe(123_456_780);
    expect(seen('pcc/serial')).toBe('LGZ53078125');
    expect(Math.abs((seen('pcc/clock/offset') as number) - 5)).toBeLessThan(3);
    expect(harness.seen.definitions.get('pcc/power/active')).toMatchObject({ unit: 'W', obis: '1-0:16.7.0' });
    await until(() => harness.seen.devices.values().next().value?.online === true);
    expect([...harness.seen.devices.values()]).toMatchObject([{ name: 'pcc', serial: 'LGZ53078125' }]);
    power = -500;
    await until(() => seen('pcc/power/active') === -500);
    await until(() => profiles.rows('pcc/1-0:99.1.0').length === rows.length);
    expect(profiles.rows('pcc/1-0:99.1.0')).toEqual(rows.map(({ t, raw }) => [t, 8, `${raw}0`]));
    const told = (): (number | undefined)[] => harness.seen.events.filter(({ code }) => code.startsWith('log.')).map(({ t }) => t); // prettier-ignore
    await until(() => told().length === 2);
    expect(told()).toEqual([last - 77_000, last - 1000]);
    expect(profiles.definitions()).toMatchObject([{ period: QUARTER, columns: [{ obis: '1-0:1.8.0', unit: 'Wh', scaler: 1 }] }]); // prettier-ignore
  });
});

describe('a meter', () => {
  it('that refuses the password is asked once, also after a restart, and the device says why', async () => {
    const config = { transport: 'wrapper', auth: 'low', password: 'wrong' } as const;
    await open({ password: 'right' }, config);
    await until(() => harness.seen.events.some(({ code }) => code === 'meter-refused'));
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    expect(JSON.stringify(state)).not.toContain('wrong"');
    const asked = meter.asked.length;
    expect(asked).toBe(1);
    harness = runExtension(meterDlms, { config: { ...config, source: `tcp://127.0.0.1:${meter.port}` }, state });
    await until(() => harness.seen.statuses.some(({ state: now, text: why }) => now === 'error' && why?.includes('password') === true)); // prettier-ignore
    expect(meter.asked.length).toBe(asked);
    expect([...harness.seen.devices.values()]).toMatchObject([{ online: false }]);
  });

  it('whose key is another is left alone, and no key is kept or told', async () => {
    const security = { ...SECURITY, 'encryption-key': '03'.repeat(16) };
    await open({ keys: KEYS }, { transport: 'wrapper', auth: 'gmac', security });
    await until(() => harness.seen.events.some(({ code }) => code === 'meter-refused'));
    await harness.stop();
    expect(meter.asked.filter(({ apdu }) => apdu === 'aarq')).toHaveLength(1);
    const { state, events, logs, statuses } = harness.seen;
    expect(JSON.stringify([[...state], events, logs, statuses])).not.toMatch(/(03){6}|(02){6}/);
  });

  it('that is ciphered never sees a counter twice, over restarts too', async () => {
    const config = { transport: 'wrapper', auth: 'gmac', security: SECURITY } as const;
    await open({ keys: KEYS }, config);
    await until(() => seen('pcc/power/active') === 1234);
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    harness = runExtension(meterDlms, { config: { ...config, source: `tcp://127.0.0.1:${meter.port}` }, state });
    await until(() => seen('pcc/power/active') === 1234);
    const counters = meter.asked.flatMap((apdu) => (apdu.apdu === 'ciphered' ? [cipherHeader(apdu.text).counter] : []));
    expect(counters.length).toBeGreaterThan(5);
    expect(new Set(counters).size).toBe(counters.length);
    expect(counters).toEqual([...counters].sort((a, b) => a - b));
  });

  it('whose line is cut is read again, with the object list from memory', async () => {
    await open({}, { transport: 'wrapper' });
    await until(() => seen('pcc/power/active') === 1234);
    const lists = (): number => meter.asked.filter((apdu) => apdu.apdu === 'get-request' && apdu.type === 'normal' && apdu.attribute.classId === 15).length; // prettier-ignore
    expect(lists()).toBe(1);
    power = 77;
    meter.cut();
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-silent' && state === 'raised'));
    await until(() => seen('pcc/power/active') === 77);
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-silent' && state === 'cleared')); // prettier-ignore
    expect(lists()).toBe(1);
  });

  it('by short names is known by serial number and firmware: its list is read once, and anew for another firmware', async () => {
    const objects = (firmware: string, shift: number): MeterObject[] => [
      text('0-0:96.1.0', 0x1000 + shift, 'LGZ53078125'),
      text('1-0:0.2.0', 0x1100 + shift, firmware),
      register('1-0:16.7.0', 0x7000 + shift, () => power, [0, 27]),
      // where the other firmware has the power
      register('1-0:32.7.0', 0x7100 - shift, () => 2301, [-1, 35]),
    ];
    const sn = { framing: 'wrapper', referencing: 'SN' } as const;
    const config = { transport: 'wrapper', referencing: 'sn', 'event-logs': [], profiles: [] } as const;
    const lists = (): number => meter.asked.filter((apdu) => apdu.apdu === 'read-request' && apdu.list.some((one) => 'name' in one && one.name === 0xfa08)).length; // prettier-ignore
    let state: Record<string, unknown> = {};
    for (const [firmware, shift, read] of [
      ['P07', 0, 1],
      ['P07', 0, 0],
      ['P08', 0x100, 1],
      ['P08', 0x100, 0],
    ] as const) {
      await open({ ...sn, objects: objects(firmware, shift) }, config, { state });
      await until(() => seen('pcc/power/active') !== undefined && seen('pcc/voltage/l1') !== undefined);
      expect([firmware, lists(), seen('pcc/power/active'), seen('pcc/voltage/l1')]).toEqual([firmware, read, 1234, 230.1]); // prettier-ignore
      if (read === 0 && shift > 0) return;
      await harness.stop();
      await meter.close();
      state = Object.fromEntries(harness.seen.state);
    }
  });

  it('whose recorded answers are played again gives none of them', async () => {
    await open({ keys: KEYS, password: 'secret' }, {});
    const player = createServer((client) => {
      const isSecond = recorded.length > 0;
      const answers = [...recorded];
      const line = isSecond ? undefined : connect(meter.port, '127.0.0.1');
      line?.on('data', (bytes) => {
        recorded.push(bytes);
        client.write(bytes);
      });
      client.on('data', (bytes) => {
        if (!isSecond) line?.write(bytes);
        else if (answers.length > 0) client.write(answers.shift()!);
      });
      client.on('error', () => undefined);
      client.on('close', () => line?.destroy());
    });
    const recorded: Buffer[] = [];
    player.listen(0, '127.0.0.1');
    await once(player, 'listening');
    await harness.stop();
    const config = { source: `tcp://127.0.0.1:${(player.address() as AddressInfo).port}`, transport: 'wrapper', auth: 'low', password: 'secret', security: SECURITY } as const; // prettier-ignore
    harness = runExtension(meterDlms, { config });
    await until(() => seen('pcc/power/active') === 1234);
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    expect(JSON.stringify(state)).not.toMatch(/(01){6}|(02){6}/);
    harness = runExtension(meterDlms, { config, state });
    await until(() => harness.seen.events.some(({ code, text }) => code === 'meter-faulty' && text.includes('replay')));
    expect(seen('pcc/power/active')).toBeUndefined();
    await harness.stop();
    player.close();
  });

  it('that was silent when the reader stopped, and answers when it starts again, is told to be well', async () => {
    await open({}, { transport: 'wrapper' });
    await until(() => seen('pcc/power/active') === 1234);
    const { port } = meter;
    await meter.close();
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-silent' && state === 'raised'));
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects: OBJECTS });
    await meter.open(port);
    harness = runExtension(meterDlms, { config: { source: `tcp://127.0.0.1:${port}`, transport: 'wrapper' }, state });
    await until(() => harness.seen.events.some(({ code, state: now }) => code === 'meter-silent' && now === 'cleared'));
    expect(harness.seen.events.filter(({ state: now }) => now === 'raised')).toEqual([]);
  });

  it('of several on one line is read as itself, with its own registers and its own faults', async () => {
    const objects = [text('0-0:96.1.0', 0x1000, 'TENANT'), register('1-0:16.7.0', 0x7000, () => 55, [0, 27])];
    const tenant = { physical: 18, 'event-logs': [], profiles: [] };
    await open(
      { framing: 'hdlc', beside: { physical: 18, objects } },
      {
        ...{ transport: 'hdlc', physical: FIRST_PHYSICAL, 'address-bytes': 4 },
        others: { tenant, absent: { ...tenant, physical: 19 } },
      },
    );
    await until(() => seen('pcc/power/active') === 1234 && seen('tenant/power/active') === 55);
    expect([seen('pcc/serial'), seen('tenant/serial')]).toEqual(['LGZ53078125', 'TENANT']);
    await until(() => harness.seen.events.some(({ code, device }) => code === 'meter-silent' && device === 'absent'));
    power = 99;
    await until(() => seen('pcc/power/active') === 99);
    expect(harness.seen.events.filter(({ device }) => device !== 'absent')).toEqual([]);
  });

  it('goes on where the last kept row ends, and never reads one twice', async () => {
    const last = Math.floor((Date.now() - 60_000) / QUARTER) * QUARTER;
    rows = [3, 2, 1, 0].map((before) => ({ t: last - before * QUARTER, raw: before }));
    const profiles = new ProfileBook();
    await open({}, { transport: 'wrapper', 'back-fill': '3h' }, { profiles });
    await until(() => profiles.rows('pcc/1-0:99.1.0').length === 4);
    await harness.stop();
    await meter.close();
    rows = [
      { t: last - QUARTER, raw: 99 },
      { t: last, raw: 98 },
    ];
    await open({}, { transport: 'wrapper', 'back-fill': '3h' }, { profiles });
    await until(() => seen('pcc/power/active') === 1234);
    const before = reads();
    await until(() => reads() > before + 3);
    expect(profiles.rows('pcc/1-0:99.1.0').map(([, , value]) => value)).toEqual(['30', '20', '10', '0']);
  });

  it('whose log and load profile this client may not read, or not understand, is read for all the rest', async () => {
    const named = (object: MeterObject, columns: GetResult): MeterObject => ({
      ...object,
      read: (attribute, selection) => (attribute === 3 ? columns : object.read(attribute, selection)),
    });
    const denied = named(eventLog(0x60e0, () => entries), { error: 3 }); // prettier-ignore
    const empty = named(profile(0x6270, QUARTER, () => rows), { data: { type: 'array', value: [] } }); // prettier-ignore
    await open({ objects: [...OBJECTS.slice(0, -2), empty, denied] }, { transport: 'wrapper', 'event-logs': ['0-0:99.98.0'] }); // prettier-ignore
    await until(() => seen('pcc/power/active') === 1234);
    const left = harness.seen.logs.filter(({ level, message }) => level === 'warn' && message.includes('left out'));
    expect(left.map(({ fields }) => fields?.['object'])).toEqual(['1-0:99.1.0', '0-0:99.98.0']);
    await until(() => reads() > 20);
    expect(harness.seen.events).toEqual([]);
  });

  it('asked in datagrams is read to the last row also where some are lost and some come twice', async () => {
    const last = Math.floor((Date.now() - 60_000) / QUARTER) * QUARTER;
    rows = [3, 2, 1, 0].map((before) => ({ t: last - before * QUARTER, raw: before }));
    const profiles = new ProfileBook();
    const objects = OBJECTS.slice(0, -1);
    meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects, keys: KEYS });
    let n = 0;
    const source = await meter.openUdp(() => (++n % 13 === 0 ? 0 : n % 7 === 0 ? 2 : 1));
    harness = runExtension(meterDlms, {
      config: { source, transport: 'wrapper', auth: 'gmac', security: SECURITY, instantaneous: '200ms', 'back-fill': '3h', 'event-logs': [] }, // prettier-ignore
      profiles,
    });
    await until(() => profiles.rows('pcc/1-0:99.1.0').length === 4 && seen('pcc/power/active') === 1234);
    power = 77;
    await until(() => seen('pcc/power/active') === 77);
    const given = harness.seen.batches
      .flat()
      .filter(({ path }) => path === 'pcc/power/active')
      .map(({ value }) => value);
    expect(new Set(given)).toEqual(new Set([1234, 77]));
    expect(harness.seen.events.filter(({ code }) => code === 'meter-refused' || code === 'meter-faulty')).toEqual([]);
  });

  it('is never asked for anything but an association, a read and its end', async () => {
    await open({}, { transport: 'wrapper' });
    await until(() => reads() > 20);
    await harness.stop();
    expect(new Set(meter.asked.map(({ apdu }) => apdu))).toEqual(new Set(['aarq', 'get-request', 'rlrq']));
  });
});
