import fc from 'fast-check';
import { scaleDecimal, UNITS } from '@smx-edge/model';
import { crc16, crcText } from './crc16.js';
import { fixed, hexText, peakHistoryGroups } from './encoder.js';
import { NUMBER_BROKEN, NUMBER_EMPTY, NUMBER_OK, NUMBER_TOO_LARGE, NumberField, UNIT_UNKNOWN } from './number-field.js';
import { octetText } from './text-cell.js';
import { formatLocalTst, formatTst, TST_EMPTY, TST_INVALID, TST_LOCAL, TST_OK, TST_UNSET, TstField } from './tst.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const HOUR = 3_600_000;

describe('CRC-16/ARC', () => {
  it('gives the check value of the catalogue of CRCs', () => expect(crc16(bytes('123456789'))).toBe(0xbb3d));

  it('prints four digits, most significant first', () => expect(crcText(0x0ab)).toBe('00AB'));

  it('is what bit-by-bit division gives, for any length', () => {
    const slow = (data: Uint8Array): number =>
      data.reduce((crc, byte) => {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
        return crc;
      }, 0);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (data) => crc16(data) === slow(data)));
  });
});

describe('a number with its unit', () => {
  const field = new NumberField();
  const read = (text: string, assumed = 0): [number, number | undefined, string | undefined] => {
    const data = bytes(`(${text})`);
    const status = field.parse(data, 1, data.length - 1);
    return status === NUMBER_OK ? [status, field.value(assumed), UNITS[field.unit]] : [status, undefined, undefined];
  };

  it.each([
    ['01.001*kW', 1001, 'W'],
    ['006708.046*kWh', 6_708_046, 'Wh'],
    ['00052185.7825309*kWh', 52_185_782.5309, 'Wh'],
    ['000441879*Wh', 441_879, 'Wh'],
    ['0.000kWh', 0, 'Wh'],
    ['00000.835*kVArh', 835, 'varh'],
    ['00000.835*kVarh', 835, 'varh'],
    ['000001.000*kwh', 1000, 'Wh'],
    ['069.0*kVA', 69_000, 'VA'],
    ['-063*A', -63, 'A'],
    ['3.829*GJ', 3_829_000_000, 'J'],
    ['00012*dm3', 0.012, 'm3'],
    ['50*Hz', 50, 'Hz'],
  ])('reads %s without float drift', (text, value, unit) => expect(read(text)).toEqual([NUMBER_OK, value, unit]));

  it('takes the assumed power of ten only where no unit is printed', () => {
    expect(read('00.123', 3)).toEqual([NUMBER_OK, 123, undefined]);
    expect(read('123.45*', 3)).toEqual([NUMBER_OK, 123_450, undefined]);
    expect(read('000123*Wh', 3)).toEqual([NUMBER_OK, 123, 'Wh']);
  });

  it('never gives a negative nought', () => expect(Object.is(read('-00.000*kW')[1], 0)).toBe(true));

  it.each(['00.A23*kW', '1.2.3', '.5', '5.', '-', 'abc', '1 2', '--1', '1e5', '*kW', '0x10'])(
    'takes %s for no number',
    (text) => expect(read(text)[0] === NUMBER_BROKEN || field.unit === UNIT_UNKNOWN).toBe(true),
  );

  it('tells empty from broken, and too large from both', () => {
    expect(read('')[0]).toBe(NUMBER_EMPTY);
    expect(read('99999999999999999999*kWh')[0]).toBe(NUMBER_TOO_LARGE);
  });

  it('marks a unit that is none', () => {
    expect(read('1*furlong')[0]).toBe(NUMBER_OK);
    expect(field.unit).toBe(UNIT_UNKNOWN);
  });

  it('agrees with the exact decimal of the model for every Fn(x,y) and unit', () => {
    const number = fc.tuple(
      fc.nat(999_999_999),
      fc.integer({ min: 0, max: 6 }),
      fc.constantFrom('kW', 'kWh', 'W', 'MWh', 'kvar', 'm3', 'GJ'),
    );
    fc.assert(
      fc.property(number, ([digits, decimals, unit]) => {
        const text = digits.toString().padStart(decimals + 1, '0');
        const decimal = decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
        const exponent = { kW: 3, kWh: 3, W: 0, MWh: 6, kvar: 3, m3: 0, GJ: 9 }[unit];
        expect(read(`${decimal}*${unit}`)[1]).toBe(scaleDecimal(decimal, exponent));
      }),
    );
  });
});

describe('a time stamp', () => {
  const field = new TstField();
  const read = (text: string): [number, number] => {
    const status = field.parse(bytes(text), 0, text.length);
    return [status, field.ms];
  };

  it.each([
    ['200512135409S', '2020-05-12T11:54:09Z'],
    ['101209113020W', '2010-12-09T10:30:20Z'],
    ['240229235959W', '2024-02-29T22:59:59Z'],
    // the doubled hour of October: the letter alone tells the two apart
    ['241027023000S', '2024-10-27T00:30:00Z'],
    ['241027023000W', '2024-10-27T01:30:00Z'],
    // a Swedish meter says W all year
    ['240701120000W', '2024-07-01T11:00:00Z'],
  ])('%s is %s', (text, iso) => expect(read(text)).toEqual([TST_OK, Date.parse(iso)]));

  it('gives twelve digits as a wall clock of an unknown zone', () =>
    expect(read('090212160000')).toEqual([TST_LOCAL, Date.parse('2009-02-12T16:00:00Z')]));

  it.each([
    ['632525252525S', TST_INVALID],
    ['230229120000W', TST_INVALID],
    ['230101240000W', TST_INVALID],
    ['230101120000X', TST_INVALID],
    ['230101120000s', TST_INVALID],
    ['ABCDEF', TST_INVALID],
    ['2301011200000W', TST_INVALID],
    ['990101000000W', TST_INVALID],
    ['000101010000W', TST_UNSET],
    ['700101010000W', TST_UNSET],
    ['', TST_EMPTY],
  ])('%s is no time', (text, status) => expect(read(text)).toEqual([status, NaN]));

  it('reads back every second of 2000 to 2069 it prints', () => {
    const times = fc.integer({ min: Date.UTC(2000, 0, 3) / 1000, max: Date.UTC(2069, 11, 30) / 1000 });
    fc.assert(
      fc.property(times, fc.constantFrom(HOUR, 2 * HOUR), (seconds, offset) => {
        expect(read(formatTst(seconds * 1000, offset))).toEqual([TST_OK, seconds * 1000]);
        expect(read(formatLocalTst(seconds * 1000))).toEqual([TST_LOCAL, seconds * 1000]);
      }),
    );
  });
});

describe('an octet string', () => {
  const read = (text: string): string | null => octetText(bytes(text), 0, text.length);

  it.each([
    ['4B384547303034303436333935353037', 'K8EG004046395507'],
    ['00112233445566778899aabbccddeeff', '00112233445566778899aabbccddeeff'],
    ['test-/-test', 'test-/-test'],
    ['9', '9'],
    ['303132\r\n333435', '012345'],
    ['0000000000000000000000000000000000', null],
    ['202020202020', null],
    ['', null],
  ])('%j is %j', (text, value) => expect(read(text)).toBe(value));

  it('gives back what hexText printed', () => {
    const text = fc.stringMatching(/^[!-~][ -~]{0,30}[!-~]$/);
    fc.assert(fc.property(text, (value) => read(hexText(value)) === value));
  });
});

describe('fixed', () => {
  it.each([
    [1001, { digits: 5, decimals: 3, exponent: 3, unit: 'kW' }, '01.001*kW'],
    [230.14, { digits: 4, decimals: 1, unit: 'V' }, '230.1*V'],
    [5, { digits: 3, decimals: 0, unit: 'A' }, '005*A'],
    [-3618, { digits: 5, decimals: 3, exponent: 3, unit: 'kW' }, '-03.618*kW'],
    [12, { digits: 5, decimals: 0 }, '00012'],
  ])('prints %p', (value, format, text) => expect(fixed(value, format)).toBe(text));

  it.each([100_000, NaN, Infinity])('refuses %p where it does not fit', (value) =>
    expect(() => fixed(value, { digits: 5, decimals: 3, exponent: 3 })).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }),
    ),
  );

  it('prints a meter without peaks as such meters do', () =>
    expect(peakHistoryGroups([], String)).toEqual(['0', '1-0:1.6.0', '1-0:1.6.0', '']));
});
