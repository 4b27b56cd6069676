import { Zone } from '@smx-edge/model';
import { encodeDateTime, readData, ByteReader, type Data } from '@smx-edge/protocols/cosem';
import type { Column } from './capture.js';
import { rowsOf, type RowForm } from './rows.js';

const HOUR = 3_600_000;
const zone = new Zone('Europe/Rome');
const value = (obis: string, scaler: number): Column => ({
  kind: 'value',
  scaler,
  column: { obis, unit: 'Wh', scaler },
});
const COLUMNS: readonly Column[] = [
  { kind: 'clock' },
  { kind: 'status' },
  value('1-0:1.8.0', 0),
  value('1-0:2.8.0', -1),
];
const NAME = new Uint8Array(6);
const CAPTURED = [8, 1, 3, 3].map((classId) => ({ classId, name: NAME, attribute: 2 }));
const form: RowForm = { captured: CAPTURED, columns: COLUMNS, period: HOUR, zone, stamp: 'end' };

const clock = (octets: Uint8Array): Data => ({ type: 'octet-string', value: octets });
const u32 = (raw: number): Data => ({ type: 'double-long-unsigned', value: raw });
const row = (time: Data, status: number, raw: number): Data => ({
  type: 'structure',
  value: [time, { type: 'unsigned', value: status }, u32(raw), u32(raw)],
});
const buffer = (...rows: Data[]): Data => ({ type: 'array', value: rows });
/** Local time of a meter that does not say how far it is from UTC. */
const undeviated = (t: number, dst: boolean): Data => {
  const octets = encodeDateTime(t, { deviation: -zone.offset(t) / 60_000, dst });
  octets.set([0x80, 0x00], 9);
  return clock(octets);
};

describe('rows of a load profile', () => {
  it('take null-data as the row before, and the clock one period later (published bytes)', () => {
    const bytes = Buffer.from('01040204090c07e30c1f0217000000ffc400110606000005ed0600000654020400110606000005ed0600000654020400110606000005ed0600000654020400110606000005ed0600000654', 'hex'); // prettier-ignore
    const first = Date.UTC(2019, 11, 31, 22);
    expect(rowsOf(readData(new ByteReader(bytes)), form)).toEqual(
      [0, 1, 2, 3].map((i) => [first + i * HOUR, 6, '1517', '162.0']),
    );
  });

  it('keep every digit of a 64-bit register', () => {
    const big: Data = { type: 'long64-unsigned', value: 12_345_678_901_234_567n };
    const cells: Data[] = [clock(encodeDateTime(0, { deviation: 0 })), { type: 'unsigned', value: 0 }, big, big];
    expect(rowsOf(buffer({ type: 'structure', value: cells }), form)[0]).toEqual([0, 0, '12345678901234567', '1234567890123456.7']); // prettier-ignore
  });

  it('tell the two passes of the repeated hour apart, by deviation or by the bit for summer', () => {
    const summer = Date.UTC(2026, 9, 25, 0);
    const told = rowsOf(buffer(row(undeviated(summer, true), 0, 1), row(undeviated(summer + HOUR, false), 0, 2)), form);
    expect(told.map(([end]) => end)).toEqual([summer, summer + HOUR]);
    const by = (t: number, deviation: number): Data => clock(encodeDateTime(t, { deviation }));
    const deviated = rowsOf(buffer(row(by(summer, -120), 0, 1), row(by(summer + HOUR, -60), 0, 2)), form);
    expect(deviated.map(([end]) => end)).toEqual([summer, summer + HOUR]);
  });

  it('are labelled by their end where the meter stamps the start', () => {
    const at = clock(encodeDateTime(HOUR, { deviation: 0 }));
    expect(rowsOf(buffer(row(at, 0, 1)), { ...form, stamp: 'start' })[0]![0]).toBe(2 * HOUR);
  });

  it('keep a status word of many bits and give null where a cell holds no number', () => {
    const status: Data = { type: 'bit-string', bits: 16, value: Uint8Array.of(0x12, 0x34) };
    const cells: Data[] = [
      clock(encodeDateTime(0, { deviation: 0 })),
      status,
      u32(5),
      { type: 'boolean', value: true },
    ];
    expect(rowsOf(buffer({ type: 'structure', value: cells }), form)).toEqual([[0, 0x1234, '5', null]]);
  });

  it('are refused as a whole where one is not as the profile says', () => {
    const good = row(clock(encodeDateTime(0, { deviation: 0 })), 0, 1);
    const refused = expect.objectContaining({ code: 'SMX_PROTOCOL_APDU' });
    expect(() => rowsOf(buffer(good, { type: 'structure', value: [u32(1)] }), form)).toThrow(refused);
    expect(() => rowsOf(buffer(row(clock(new Uint8Array(12).fill(0xff)), 0, 1)), form)).toThrow(refused);
    expect(() => rowsOf(buffer(good, row(clock(new Uint8Array(8)), 0, 1)), form)).toThrow(refused);
    expect(() => rowsOf(buffer(row({ type: 'null-data' }, 0, 1)), form)).toThrow(refused);
    expect(() => rowsOf(buffer(good, row({ type: 'null-data' }, 0, 1)), { ...form, period: 0 })).toThrow(refused);
    expect(() => rowsOf(u32(1), form)).toThrow(refused);
    expect(rowsOf(buffer(), form)).toEqual([]);
  });
});
