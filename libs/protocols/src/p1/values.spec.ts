import { parseObis, UNITS, Zone } from '@smx-edge/model';
import { P1Decoder } from './decoder.js';
import { DERIVATIONS } from './derivations.js';
import { encodeTelegram } from './encoder.js';
import { OBIS_TABLE, P1_POINTS, p1Slot } from './obis-table.js';
import type { MonthPeak, P1Register, P1Telegram, PowerFailure, SubMeter } from './telegram.js';
import { versionName } from './version.js';

interface Read {
  readonly points: Readonly<Record<string, unknown>>;
  readonly reasons: Readonly<Record<string, string>>;
  readonly registers: readonly Pick<P1Register, 'path' | 'value' | 'unit'>[];
  readonly peaks: readonly MonthPeak[] | null;
  readonly failures: readonly PowerFailure[] | null;
  readonly meters: readonly Partial<SubMeter>[];
  readonly time: number;
  readonly localTime: number;
  readonly version: string | null;
}

function snapshot(telegram: P1Telegram): Read {
  const points: Record<string, unknown> = {};
  const reasons: Record<string, string> = {};
  for (let i = 0; i < telegram.count; i++) {
    const slot = telegram.present[i]!;
    const { path } = P1_POINTS[slot]!;
    points[path] = telegram.get(path);
    const reason = telegram.reason(slot);
    if (reason !== undefined) reasons[path] = reason;
  }
  const meters = telegram.subMeters.map(
    ({ channel, medium, id, value, unit, captured, capturedLocal, rank, reason, valve, unitAssumed }) => ({
      channel,
      medium,
      id,
      value,
      unit,
      captured,
      capturedLocal,
      rank,
      reason,
      valve,
      unitAssumed,
    }),
  );
  const registers = telegram.registers.map(({ path, value, unit }) => ({ path, value, unit }));
  const { peaks, failures, time, localTime } = telegram;
  return { points, reasons, registers, peaks, failures, meters, time, localTime, version: versionName(telegram) };
}

/** Reads lines as they stand in a telegram, through the whole decoder. */
function read(lines: readonly string[], localToUtc?: (local: number) => number): Read {
  let seen: Read | undefined;
  const decoder = new P1Decoder({
    onTelegram: (telegram) => (seen = snapshot(telegram)),
    ...(localToUtc && { localToUtc }),
  });
  decoder.push(encodeTelegram({ ident: 'TST5', objects: lines.map((obis) => ({ obis, groups: [] })) }));
  expect(seen).toBeDefined();
  return seen!;
}

const utc = (iso: string): number => Date.parse(iso);

describe('the table', () => {
  it('holds only codes, each once, with a source, and units of the house', () => {
    const codes = OBIS_TABLE.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const row of OBIS_TABLE) {
      expect(parseObis(row.code.replace('-n:', '-1:'))).toBeDefined();
      expect(row.source.length).toBeGreaterThan(5);
      expect(row.meaning.length).toBeGreaterThan(3);
    }
    for (const { unit, path } of P1_POINTS) {
      if (unit !== null) expect(UNITS).toContain(unit);
      expect(path).toMatch(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/);
    }
    for (const { plus, minus } of DERIVATIONS)
      for (const part of [...plus, ...minus]) expect(p1Slot(part)).toBeGreaterThanOrEqual(0);
  });

  it('reads every row of numbers it names, by the code it names', () => {
    for (const { form, code, path, unit } of OBIS_TABLE) {
      if (form !== 'number' || path === undefined) continue;
      const printed = unit === '' || unit === '1' ? '7' : `7*${unit!}`;
      const point = P1_POINTS[p1Slot(path)]!;
      const factor = unit!.startsWith('k') ? 1000 : 1;
      expect([code, read([`${code}(${printed})`]).points[path]]).toEqual([code, 7 * factor]);
      expect(point.kind).toBeDefined();
    }
  });
});

describe('points', () => {
  it('names powers, energies and their sums as the contract does', () => {
    const { points } = read([
      '1-0:1.8.1(006708.046*kWh)',
      '1-0:1.8.2(003113.135*kWh)',
      '1-0:2.8.1(000000.100*kWh)',
      '1-0:2.8.2(000000.200*kWh)',
      '0-0:96.14.0(0002)',
      '1-0:1.7.0(00.000*kW)',
      '1-0:2.7.0(01.001*kW)',
      '1-0:21.7.0(00.100*kW)',
      '1-0:22.7.0(00.000*kW)',
      '1-0:61.7.0(00.000*kW)',
      '1-0:62.7.0(01.101*kW)',
    ]);
    expect(points).toEqual({
      'energy/active/import/t1': 6_708_046,
      'energy/active/import/t2': 3_113_135,
      'energy/active/import': 9_821_181,
      'energy/active/export/t1': 100,
      'energy/active/export/t2': 200,
      'energy/active/export': 300,
      tariff: 2,
      'power/active/import': 0,
      'power/active/export': 1001,
      'power/active': -1001,
      'power/active/import/l1': 100,
      'power/active/export/l1': 0,
      'power/active/l1': 100,
      'power/active/import/l3': 0,
      'power/active/export/l3': 1101,
      'power/active/l3': -1101,
    });
  });

  it('adds the printed digits, not floats', () => {
    // 0.1 + 0.2 of a unit finer than the house has
    const { points } = read([
      '1-0:1.8.1(0.0001*kWh)',
      '1-0:1.8.2(0.0002*kWh)',
      '1-0:1.7.0(0.0003*kW)',
      '1-0:2.7.0(0.0001*kW)',
    ]);
    expect(points['energy/active/import']).toBe(0.3);
    expect(points['power/active']).toBe(0.2);
  });

  it('prefers what the meter prints to what can be computed', () => {
    const { points } = read([
      '1-0:1.8.0(10*kWh)',
      '1-0:1.8.1(3*kWh)',
      '1-0:1.8.2(4*kWh)',
      '1-0:16.7.0(-5*W)',
      '1-0:1.7.0(1*kW)',
      '1-0:2.7.0(0*kW)',
    ]);
    expect(points).toMatchObject({ 'energy/active/import': 10_000, 'power/active': -5 });
  });

  it('gives no value for what is absent, and no sum with a part missing', () => {
    const { points, reasons } = read([
      '1-0:1.7.0(01.000*kW)',
      '1-0:1.8.1(000001.000*kWh)',
      '1-0:1.8.2()',
      '1-0:32.7.0(23x.0*V)',
    ]);
    expect(points).toEqual({
      'power/active/import': 1000,
      'energy/active/import/t1': 1000,
      'energy/active/import/t2': null,
      'energy/active/import': null,
      'voltage/l1': null,
    });
    expect(reasons).toEqual({
      'energy/active/import/t2': 'empty',
      'energy/active/import': 'a part of it has no value',
      'voltage/l1': 'not readable',
    });
  });

  it.each([
    ['1-0:1.8.1(000001.000*kW)', 'unit of another quantity'],
    ['1-0:1.8.1(000001.000*furlong)', 'unit of another quantity'],
    ['1-0:1.8.1(-00001.000*kWh)', 'negative where it cannot be'],
    ['1-0:1.8.1(1*kWh)(2*kWh)', 'not readable'],
    ['1-0:1.8.1(99999999999999999.999*kWh)', 'more digits than can be kept'],
  ])('gives null for %s', (line, reason) => {
    const { points, reasons } = read([line]);
    expect(points['energy/active/import/t1']).toBeNull();
    expect(reasons['energy/active/import/t1']).toBe(reason);
  });

  it('flags a unit it had to assume', () => {
    const { points, reasons } = read(['1-0:1.7.0(00.123)', '1-0:2.7.0(00.000)']);
    expect(points).toMatchObject({ 'power/active/import': 123, 'power/active': 123 });
    expect(reasons).toMatchObject({ 'power/active/import': 'unit not printed', 'power/active': 'unit not printed' });
  });

  it('takes the same code twice only with the same value', () => {
    expect(read(['1-0:1.7.0(00.100*kW)', '1-0:1.7.0(00.200*kW)', '1-0:1.7.0(00.100*kW)'])).toMatchObject({
      points: { 'power/active/import': null },
      reasons: { 'power/active/import': 'printed twice with different values' },
    });
    expect(read(['1-0:1.7.0(00.100*kW)', '1-0:1.7.0(00.100*kW)']).points['power/active/import']).toBe(100);
  });

  it('takes B = 1 for B = 0 where there is no B = 0', () => {
    expect(read(['1-1:1.8.1(001595.070*kWh)', '1-1:1.7.0(01.622*kW)']).points).toMatchObject({
      'energy/active/import/t1': 1_595_070,
      'power/active/import': 1622,
    });
    expect(read(['1-1:1.7.0(01.622*kW)', '1-0:1.7.0(01.000*kW)']).points['power/active/import']).toBe(1000);
    expect(read(['1-0:1.7.0(01.000*kW)', '1-1:1.7.0(01.622*kW)']).points['power/active/import']).toBe(1000);
  });

  it('reads Germans, Swedes, Austrians, Hungarians, Lithuanians and Israelis', () => {
    expect(
      read(['1-0:1.8.0*255(00052185.7825309*kWh)', '1-0:1.7.0*255(002124.86*W)', '0-0:96.1.255*255(1ESY1313002565)'])
        .points,
    ).toMatchObject({
      'energy/active/import': 52_185_782.5309,
      'power/active/import': 2124.86,
      serial: '1ESY1313002565',
    });
    expect(
      read([
        '1-0:3.8.0(00001234.432*kVArh)',
        '1-0:3.7.0(0001.229*kVAr)',
        '1-0:4.7.0(0000.000*kVAr)',
        '1-0:31.7.0(003.4*A)',
      ]).points,
    ).toMatchObject({
      'energy/reactive/import': 1_234_432,
      'power/reactive': 1229,
      'current/l1': 3.4,
    });
    expect(
      read(['1-0:1.8.0(000201282*Wh)', '1-0:4.8.1(000169558*varh)', '1-0:4.8.2(000090184*varh)']).points,
    ).toMatchObject({
      'energy/active/import': 201_282,
      'energy/reactive/export': 259_742,
    });
    expect(
      read([
        '1-0:5.7.0(00.000*kvar)',
        '1-0:6.7.0(00.001*kvar)',
        '1-0:7.7.0(00.504*kvar)',
        '1-0:8.7.0(00.000*kvar)',
        '1-0:14.7.0(50.00*Hz)',
      ]).points,
    ).toMatchObject({
      'power/reactive': -503,
      'power/reactive/q3': 504,
      frequency: 50,
    });
    expect(read(['1-0:16.24.0(-03.618*kW)']).points['power/active/average']).toBe(-3618);
    expect(read(['1-0:1.8.11(1*kWh)', '1-0:1.8.12(2*kWh)', '0-0:96.14.1(03)']).points).toMatchObject({
      'energy/active/import': 3000,
      tariff: 3,
    });
  });

  it('keeps a past value (*F) and an unknown code as registers', () => {
    expect(
      read([
        '1-0:1.8.0*01(00012.000*kWh)',
        '1-0:42.1.0(00.000*kW)',
        '9-1:2.3.4(0012)',
        '1-0:9.9.9(1)(2)',
        '999-999:999.999.999(12345)',
      ]).registers,
    ).toEqual([
      { path: 'obis/1-0_1-8-0_1', value: 12_000, unit: 'Wh' },
      { path: 'obis/1-0_42-1-0', value: 0, unit: 'W' },
      { path: 'obis/9-1_2-3-4', value: '0012', unit: null },
      { path: 'obis/1-0_9-9-9', value: '1)(2', unit: null },
      { path: 'obis/999-999_999-999-999', value: '12345', unit: null },
    ]);
  });

  it.each([
    ['0-0:17.0.0(016.1*kW)', { 'limiter/power': 16_100 }],
    ['0-0:17.0.0(999.9*kW)', { 'limiter/power': null }],
    ['0-0:17.0.0(99.999*kW)', { 'limiter/power': null }],
    ['0-0:17.0.0(0999.00*kW)', { 'limiter/power': null }],
    ['0-0:17.0.0(099.9*kW)', { 'limiter/power': 99_900 }],
    ['0-0:17.0.0(00.999*kW)', { 'limiter/power': 999 }],
    ['0-0:17.0.0(069.0*kVA)', { 'limiter/apparent': 69_000 }],
    ['0-0:17.0.0(016*A)', { 'limiter/current': 16 }],
    ['0-0:17.0.0(999*A)', { 'limiter/current': null }],
    ['0-0:17.0.0(069.0)', { 'limiter/power': null }],
    ['1-0:31.4.0(063*A)', { 'fuse/current': 63 }],
    ['1-0:31.4.0(999*A)', { 'fuse/current': null }],
    ['1-0:31.4.0(999.99*A)', { 'fuse/current': null }],
    ['1-1:31.4.0(100*A)(-063*A)', { 'fuse/current': 100, 'fuse/current/export': 63 }],
    ['0-0:96.3.10(1)', { breaker: 'connected' }],
    ['0-0:96.3.10(0)', { breaker: 'disconnected' }],
    ['0-0:96.3.10(2)', { breaker: 'ready' }],
    ['0-0:96.3.10(7)', { breaker: null }],
    ['0-2:96.3.10(0)', { 'relay/2': 'disconnected' }],
    ['0-0:96.13.0()', { message: null }],
    ['0-0:96.13.0(48656C6C6F)', { message: 'Hello' }],
    ['0-0:96.1.1(3153414731313030303030323331)', { serial: '1SAG1100000231' }],
    ['0-0:42.0.0(53414731303330373930303032353734)', { serial: 'SAG1030790002574' }],
    ['0-0:96.7.21(00008*s)', { 'failures/short': null }],
  ])('%s', (line, points) => expect(read([line]).points).toEqual(points));

  it('says that a limit is off, not that it is unknown', () =>
    expect(read(['1-0:31.4.0(999*A)', '0-0:17.0.0(999.9*kW)']).reasons).toEqual({
      'fuse/current': 'not active',
      'limiter/power': 'not active',
    }));

  it('names the version', () => {
    expect(read(['0-0:96.1.4(50217)']).version).toBe('eMUCS-P1 1.7');
    expect(read(['0-0:96.1.4(50221)']).version).toBe('eMUCS-P1 2.1');
    expect(read(['1-3:0.2.8(50)']).version).toBe('DSMR P1 5.0');
    expect(read(['1-0:1.7.0(1*kW)']).version).toBeNull();
  });

  it('keeps nothing of the telegram before', () => {
    const seen: Read[] = [];
    const decoder = new P1Decoder({ onTelegram: (telegram) => seen.push(snapshot(telegram)) });
    const full = [
      '0-0:1.0.0(200512135409S)',
      '1-0:1.7.0(1*kW)',
      '0-0:96.1.1(3132)',
      '0-1:24.1.0(003)',
      '0-1:24.2.1(200512134558S)(1*m3)',
      '9-9:9.9.9(1)',
      '1-0:99.97.0()',
      '0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)()',
    ];
    for (const lines of [full, []])
      decoder.push(encodeTelegram({ ident: 'A', objects: lines.map((obis) => ({ obis, groups: [] })) }));
    expect(seen[0]!.meters).toHaveLength(1);
    expect(seen[1]).toEqual({
      points: {},
      reasons: {},
      registers: [],
      peaks: null,
      failures: null,
      meters: [],
      time: NaN,
      localTime: NaN,
      version: null,
    });
  });
});

describe('times', () => {
  it('gives the time of the telegram by its letter, without a zone', () =>
    expect(read(['0-0:1.0.0(200512135409S)']).time).toBe(utc('2020-05-12T11:54:09Z')));

  it('leaves a time without letter to the caller, or to the zone given', () => {
    expect(read(['0-0:1.0.0(200512135409)'])).toMatchObject({ time: NaN, localTime: utc('2020-05-12T13:54:09Z') });
    const zone = new Zone('Europe/Amsterdam');
    expect(read(['0-0:1.0.0(200512135409)'], (local) => zone.utc(local)).time).toBe(utc('2020-05-12T11:54:09Z'));
  });

  it('gives none for a clock that was never set', () => expect(read(['0-0:1.0.0(000101010000W)']).time).toBeNaN());
});

describe('peaks', () => {
  it('reads demand, month peak and its time', () =>
    expect(read(['1-0:1.4.0(02.351*kW)', '1-0:1.6.0(200509134500S)(02.589*kW)']).points).toEqual({
      'peak/quarter': 2351,
      'peak/month': 2589,
      'peak/month/at': utc('2020-05-09T11:45:00Z'),
    }));

  it('gives no month peak where its time is none', () =>
    expect(read(['1-0:1.6.0(632525252525W)(00.000*kW)']).points).toEqual({
      'peak/month': null,
      'peak/month/at': null,
    }));

  const april = '(200501000000S)(200423192500S)(03.695*kW)';
  const march = '(200401000000S)(200305121500W)(05980*W)';
  const empty = '(200301000000W)(632525252525W)(00.000*kW)';
  const wanted = [
    { closed: utc('2020-02-29T23:00:00Z'), at: null, power: null },
    { closed: utc('2020-03-31T22:00:00Z'), at: utc('2020-03-05T11:15:00Z'), power: 5980 },
    { closed: utc('2020-04-30T22:00:00Z'), at: utc('2020-04-23T17:25:00Z'), power: 3695 },
  ];

  it.each([
    ['newest first', april + march + empty],
    ['oldest first', empty + march + april],
  ])('sorts the history, %s', (_, entries) =>
    expect(read([`0-0:98.1.0(3)(1-0:1.6.0)(1-0:1.6.0)${entries}`]).peaks).toEqual(wanted),
  );

  it.each(['(0)(1-0:1.6.0)(1-0:1.6.0)()', '(0)(1-0:1.6.0)(1-0:1.6.0)'])(
    'takes %s for a history without months',
    (groups) => expect(read([`0-0:98.1.0${groups}`]).peaks).toEqual([]),
  );

  it.each(['(12)', '(230701000000S)(000040.777*kWh)(000062.153*kWh)'])(
    'keeps %s, which is something else, as a register',
    (groups) => {
      const seen = read([`0-0:98.1.0${groups}`]);
      expect(seen.peaks).toBeNull();
      expect(seen.registers[0]!.path).toBe('obis/0-0_98-1-0');
    },
  );
});

describe('the log of power failures', () => {
  it.each([
    [
      '(2)(0-0:96.7.19)(000104180320W)(0000237126*s)(000101000001W)(2147483647*s)',
      [{ end: utc('2000-01-04T17:03:20Z'), duration: 237_126 }],
    ],
    ['(1)(0-0:96.7.19)(180417201458S)(0000000236*s)', [{ end: utc('2018-04-17T18:14:58Z'), duration: 236 }]],
    ['(1)(0-0:96.7.19)(180417201458S)(4294967295*s)', [{ end: utc('2018-04-17T18:14:58Z'), duration: 4_294_967_295 }]],
    [
      '(2)(0-0:96.7.19)(180417201458S)(0000000236*s)(180417201458S)',
      [{ end: utc('2018-04-17T18:14:58Z'), duration: 236 }],
    ],
    ['(0)(0-0:96.7.19)', []],
    ['()', []],
    ['(0)()', []],
    ['(1)()()()', []],
  ])('%s', (groups, failures) => expect(read([`1-0:99.97.0${groups}`]).failures).toEqual(failures));
});

describe('sub-meters', () => {
  it('reads gas and water of a Belgian meter', () => {
    const { meters } = read([
      '0-1:24.1.0(003)',
      '0-1:96.1.1(37464C4F32313139303333373333)',
      '0-1:24.4.0(1)',
      '0-1:24.2.3(200512134558S)(00112.384*m3)',
      '0-2:24.1.0(007)',
      '0-2:96.1.1(3853414731323334353637383930)',
      '0-2:24.2.1(200512134558S)(00872.234*m3)',
    ]);
    expect(meters).toMatchObject([
      {
        channel: 1,
        medium: 'gas',
        id: '7FLO2119033733',
        valve: 'open',
        value: 112.384,
        unit: 'm3',
        captured: utc('2020-05-12T11:45:58Z'),
        rank: 'primary',
      },
      { channel: 2, medium: 'water', id: '8SAG1234567890', valve: null, value: 872.234, rank: 'primary' },
    ]);
  });

  it('reads the hourly form of DSMR 2.2 and 3.0 over two lines, with its local time', () => {
    const lines = [
      '0-1:24.1.0(3)',
      '0-1:96.1.0(3238)',
      '0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)',
      '(00124.477)',
    ];
    expect(read(lines).meters).toMatchObject([
      {
        value: 124.477,
        unit: 'm3',
        unitAssumed: false,
        captured: null,
        capturedLocal: utc('2012-05-17T02:00:00Z'),
        rank: 'primary',
      },
    ]);
    const zone = new Zone('Europe/Amsterdam');
    expect(read(lines, (local) => zone.utc(local)).meters).toMatchObject([
      { captured: utc('2012-05-17T00:00:00Z'), capturedLocal: null },
    ]);
  });

  it('gives no reading where the second line is missing', () =>
    expect(read(['0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)']).meters).toMatchObject([
      { value: null, reason: 'reading incomplete', rank: 'empty' },
    ]));

  it.each([
    ['(632525252525S)(00000.000)', 'captured: not a time'],
    ['(700101010000W)(00000.000*m3)', 'captured: clock was never set'],
    ['()(00000.000*m3)', 'captured: empty time'],
    ['(200512134558S)()', 'empty'],
    ['(200512134558S)(xx*m3)', 'not readable'],
    ['(200512134558S)(1*kW)', 'unit unknown'],
    ['(00012.000*m3)', 'reading incomplete'],
  ])('%s is no reading', (groups, reason) =>
    expect(read(['0-2:24.1.0(007)', `0-2:24.2.1${groups}`]).meters).toMatchObject([
      { value: null, unit: null, captured: null, reason, rank: 'empty' },
    ]),
  );

  it.each([
    ['3.829*GJ', 3_829_000_000, 'J'],
    ['00123.456*MJ', 123_456_000, 'J'],
    ['00123.456*kWh', 123_456, 'Wh'],
    ['00012*dm3', 0.012, 'm3'],
    ['1234.56*m3', 1234.56, 'm3'],
  ])('reads %s', (printed, value, unit) =>
    expect(read([`0-1:24.2.1(251129203200W)(${printed})`]).meters).toMatchObject([{ value, unit }]),
  );

  it('assumes the unit of the medium, and says so', () =>
    expect(read(['0-1:24.1.0(3)', '0-1:24.2.1(251129203200W)(00001.5)']).meters).toMatchObject([
      { value: 1.5, unit: 'm3', unitAssumed: true },
    ]));

  it('assumes it too where the type comes behind the reading, and never where there is no type', () => {
    const reading = '0-1:24.2.1(251129203200W)(00001.5)';
    expect(read([reading, '0-1:24.1.0(3)']).meters).toMatchObject([
      { medium: 'gas', value: 1.5, unit: 'm3', unitAssumed: true, captured: utc('2025-11-29T19:32:00Z') },
    ]);
    for (const lines of [[reading], [reading, '0-1:24.1.0(4)']])
      expect(read(lines).meters).toMatchObject([{ value: null, unit: null, reason: 'unit unknown', rank: 'empty' }]);
  });

  it('takes the channel read last for the meter of its medium and the others for replaced', () => {
    const { meters } = read([
      '0-1:24.1.0(003)',
      '0-1:24.2.1(230101120000W)(00500.000*m3)',
      '0-2:24.2.1(230601120000S)(00001.000*m3)',
      '0-2:24.1.0(003)',
      '0-3:24.1.0(003)',
      '0-3:24.2.1(700101010000W)(00000.000*m3)',
      '0-4:24.1.0(007)',
      '0-4:24.2.1(230101120000W)(00007.000*m3)',
    ]);
    expect(meters.map(({ channel, rank }) => [channel, rank])).toEqual([
      [1, 'stale'],
      [2, 'primary'],
      [3, 'empty'],
      [4, 'primary'],
    ]);
  });

  it('does not call a second meter that is read at nearly the same time replaced', () =>
    expect(
      read([
        '0-1:24.1.0(7)',
        '0-1:24.2.1(230101120000W)(1*m3)',
        '0-2:24.1.0(7)',
        '0-2:24.2.1(230101120500W)(2*m3)',
      ]).meters.map(({ rank }) => rank),
    ).toEqual(['secondary', 'primary']));

  it('does not take the meter itself, a relay or a message for a channel', () =>
    expect(read(['0-0:96.1.1(3132)', '0-1:96.3.10(0)', '0-0:96.13.2()']).meters).toEqual([]));

  it('takes the newest of the 24 hourly readings of DSMR 2.2', () => {
    const { meters } = read([
      '7-0:0.0.0(303132)',
      '7-0:23.1.0(00010.000*m3)(09-02-12 15:00:00)',
      '7-0:23.1.0(00012.000*m3)(09-02-12 17:00:00)',
      '7-0:23.1.0(00011.000*m3)(09-02-12 16:00:00)',
    ]);
    expect(meters).toMatchObject([
      { channel: 0, medium: 'gas', id: '012', value: 12, capturedLocal: utc('2009-02-12T17:00:00Z') },
    ]);
  });

  it('reads bare heat, cooling and water of DSMR 2.2', () =>
    expect(read(['5-0:1.0.0(1.5*GJ)', '8-0:1.0.0(00012.000*m3)']).meters).toMatchObject([
      { medium: 'heat', value: 1_500_000_000, unit: 'J' },
      { medium: 'water', value: 12, unit: 'm3' },
    ]));
});
