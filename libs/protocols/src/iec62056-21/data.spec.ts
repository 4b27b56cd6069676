import fc from 'fast-check';
import { decodeAddress, decodeDataSets, obisOf } from './data-set.js';
import { decodeDatedRows } from './dated-rows.js';
import { decodeLog, decodeProfile, decodeRefusal } from './profile.js';
import { decodeStamp, encodeStamp, joinStamp } from './stamp.js';

const local = (iso: string): number => Date.parse(`${iso}Z`);

describe('data sets', () => {
  it('are read several to a line, without units, empty, and with more than one value', () => {
    const text = '6.8(0029.055*MWh)6.26(01589.28*m3)9.21()\r\n1.6.1(000.01*kW)(26-01-02 08:30)\r\n!\r\n';
    expect(decodeDataSets(text)).toEqual([
      { address: '6.8', values: [{ value: '0029.055', unit: 'MWh' }] },
      { address: '6.26', values: [{ value: '01589.28', unit: 'm3' }] },
      { address: '9.21', values: [{ value: '' }] },
      { address: '1.6.1', values: [{ value: '000.01', unit: 'kW' }, { value: '26-01-02 08:30' }] },
    ]);
  });

  it('end where a bracket is not closed, and take any text', () => {
    expect(decodeDataSets('1.8.0(5)2.8.0(')).toEqual([{ address: '1.8.0', values: [{ value: '5' }] }]);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('()*1.\r\n!&a')) }),
        (text) => void decodeDataSets(text),
      ),
    );
  });
});

describe('addresses', () => {
  it.each([
    ['1.8.0', '1-0:1.8.0*255'],
    ['1.8.0*19', '1-0:1.8.0*19'],
    ['1.8.0&18', '1-0:1.8.0*18'],
    ['1-0:1.8.0*255', '1-0:1.8.0*255'],
    ['1-1:1.29', '1-1:1.29.0*255'],
    ['F.F', '0-0:97.97.0*255'],
    ['C.1.0', '0-0:96.1.0*255'],
    ['0-0:C.51.2*01', '0-0:96.51.2*1'],
    ['6.8', '1-0:6.8.0*255'],
    ['P.01', '0-0:99.1.0*255'],
  ])('%s are %s', (text, obis) => expect(obisOf(decodeAddress(text)!)).toBe(obis));

  it.each(['', '1.8.0.9.9', '256.1.0', '1.8.300', 'X.1', '1-0:', '1.8.0*999', '1.8.0**1'])('%j is none', (text) =>
    expect(decodeAddress(text)).toBeUndefined(),
  );
});

describe('stamps', () => {
  it.each([
    ['0260110001500', '2026-01-10T00:15:00', 'standard'],
    ['1260710001500', '2026-07-10T00:15:00', 'summer'],
    ['2260710001500', '2026-07-10T00:15:00', 'utc'],
    ['02601100015', '2026-01-10T00:15:00', 'standard'],
    ['2601100015', '2026-01-10T00:15:00', undefined],
    ['260110001530', '2026-01-10T00:15:30', undefined],
    ['26-01-02 08:30', '2026-01-02T08:30:00', undefined],
    ['26-01-02,08:30', '2026-01-02T08:30:00', undefined],
    ['26.01.15 16:40:56', '2026-01-15T16:40:56', undefined],
    ['26-01-15 24:00', '2026-01-16T00:00:00', undefined],
  ])('%s', (text, iso, season) =>
    expect(decodeStamp(text)).toEqual({ local: local(iso), ...(season === undefined ? {} : { season }) }),
  );

  it.each([
    ['0170318', '201455', '2017-03-18T20:14:55', 'standard'],
    ['0170318', '1201455', '2017-03-18T20:14:55', 'summer'],
    ['17-11-06', '16:40:56', '2017-11-06T16:40:56', undefined],
    ['2013-11-28', '16:40', '2013-11-28T16:40:00', undefined],
    ['260115', '0201455', '2026-01-15T20:14:55', 'standard'],
  ])('of date %s and time %s', (date, clock, iso, season) =>
    expect(joinStamp(date, clock)).toEqual({ local: local(iso), ...(season === undefined ? {} : { season }) }),
  );

  it.each([
    '00-00-00 00:00',
    '26-02-30 00:00',
    '26-13-01 00:00',
    '26-01-01 25:00',
    '3260110001500',
    '26-01-01',
    '',
    '1',
  ])('%j is none', (text) => expect(decodeStamp(text)).toBeUndefined());

  it('come back from what a request for them says', () => {
    const minute = fc.integer({ min: 0, max: 50 * 525_600 }).map((n) => Date.UTC(2001, 0, 1) + n * 60_000);
    fc.assert(
      fc.property(
        minute,
        fc.constantFrom(11, 13),
        fc.constantFrom('standard', 'summer', 'utc'),
        (at, digits, season) => {
          expect(decodeStamp(encodeStamp({ local: at, season }, digits))).toEqual({ local: at, season });
          expect(decodeStamp(encodeStamp({ local: at }, (digits - 1) as 10 | 12))).toEqual({ local: at });
        },
      ),
    );
  });
});

const HEADING = 'P.01(0260110000000)(00)(15)(2)(1.5)(kW)(2.5)(kW)';

describe('profiles', () => {
  it('are rows under a heading, and another heading where the status changes', () => {
    const text = `${HEADING}\r\n(0.1865)(0.0065)\r\n(0.1866)\r\n(0.0066)\r\nP.01(0260110003000)(80)(15)(1)(1-1:1.29)(kWh)\r\n(7)\r\n`;
    expect(decodeProfile(text)).toEqual([
      {
        ...{ stamp: { local: local('2026-01-10T00:00:00'), season: 'standard' }, status: '00', period: 15 },
        channels: [
          { address: '1.5', unit: 'kW' },
          { address: '2.5', unit: 'kW' },
        ],
        rows: [
          ['0.1865', '0.0065'],
          ['0.1866', '0.0066'],
        ],
      },
      {
        ...{ stamp: { local: local('2026-01-10T00:30:00'), season: 'standard' }, status: '80', period: 15 },
        ...{ channels: [{ address: '1-1:1.29', unit: 'kWh' }], rows: [['7']] },
      },
    ]);
  });

  it('may be empty, or logs of both layouts', () => {
    expect(decodeProfile('P.01()\r\n')).toEqual([]);
    const bits = decodeProfile('P.98(1041007095703)(00002000)()(0)\r\nP.98(1041007095807)(00000100)()(0)\r\n');
    expect(bits).toMatchObject([
      { status: '00002000', period: undefined, channels: [], rows: [] },
      { status: '00000100' },
    ]);
    const values = decodeProfile('P.98(1220906234904)(00)()(2)(0-0:C.11.0)()(0-0:C.11.10)()(4)(0)\r\n');
    expect(values).toMatchObject([{ channels: [{ address: '0-0:C.11.0', unit: '' }, {}], rows: [['4', '0']] }]);
  });

  it.each([
    ['a row is cut', `${HEADING}\r\n(0.1865)`],
    ['a row is cut before the next heading', `${HEADING}\r\n(0.1865)\r\n${HEADING}\r\n(1)(2)`],
    ['a heading is cut', 'P.01(0260110000000)(00)(15)(2)(1.5)(kW)(2.5)'],
    ['the time is none', 'P.01(0261310000000)(00)(15)(0)'],
    ['the number of channels is none', 'P.01(0260110000000)(00)(15)(x)'],
    ['there are values and no heading', '(0.1865)(0.1)'],
  ])('give nothing where %s', (_, text) => expect(decodeProfile(text)).toHaveProperty('fault'));

  it('of a log hold each entry for itself: one with too few columns, or no time, holds no other up', () => {
    const good = (second: number, value: string): string =>
      `P.98(12209062349${second})(00)()(2)(0-0:C.11.0)()(C.11.10)()(${value})(0)\r\n`;
    const cut = 'P.98(1220906234930)(00)()(2)(0-0:C.11.0)()(C.11.10)()(4)\r\n';
    const { entries, leftOut } = decodeLog(
      `${good(10, '4')}${cut}P.98(9999999999999)(00)()(0)\r\nP.98()\r\n${good(40, '5')}`,
    );
    expect(entries.map(({ rows }) => rows)).toEqual([[['4', '0']], [['5', '0']]]);
    expect(leftOut).toBe(2);
    expect(decodeLog('P.98()\r\n')).toEqual({ entries: [], leftOut: 0 });
    // more values than fit on a stack
    expect(decodeLog(`P.98(9999999999999)(00)()(0)\r\n${'()'.repeat(300_000)}`)).toEqual({ entries: [], leftOut: 1 });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('P.98()*01')) }), (text) => void decodeLog(text)),
    );
  });

  it('tell a refusal from data', () => {
    expect(decodeRefusal('(ERROR01)')).toEqual({ error: 'ERROR01' });
    expect(decodeRefusal('P.01(ERROR)')).toEqual({ error: 'ERROR' });
    expect(decodeRefusal('1.8.0(000102.28*kWh)')).toBeUndefined();
    expect(decodeRefusal('')).toBeUndefined();
  });

  it('of rows with a time each keep those that have one', () => {
    expect(
      decodeDatedRows('P.01(26-01-10,00:15)(1.5)(2)\r\nP.01(26-01-10,00:30)(1.6)(2)\r\nP.01(00-00-00,00:00)(9)'),
    ).toEqual({
      rows: [
        { stamp: { local: local('2026-01-10T00:15:00') }, values: ['1.5', '2'] },
        { stamp: { local: local('2026-01-10T00:30:00') }, values: ['1.6', '2'] },
      ],
      leftOut: 1,
    });
  });
});
