import type { EventInit } from '@smx-edge/extension-api';
import { eventOf } from '@smx-edge/extension-api/metering';
import { Zone } from '@smx-edge/model';
import { encodeDateTime, type Data } from '@smx-edge/protocols/cosem';
import type { Column } from '../load-profile/capture.js';
import { PROFILES } from '../profile/profiles.js';
import { entriesOf } from './entries.js';

const NOW = Date.UTC(2026, 5, 15, 12);
const zone = new Zone('Europe/Rome');
const name = (...octets: number[]): Uint8Array => Uint8Array.from(octets);
const CLOCK = { classId: 8, name: name(0, 0, 1, 0, 0, 255), attribute: 2 };
const NUMBER = { classId: 1, name: name(0, 0, 96, 11, 0, 255), attribute: 2 };
const TOTAL = { classId: 3, name: name(1, 0, 1, 8, 0, 255), attribute: 2 };
const value = (obis: string, scaler: number): Column => ({
  kind: 'value',
  scaler,
  column: { obis, unit: 'Wh', scaler },
});
const COLUMNS: readonly Column[] = [{ kind: 'clock' }, value('0-0:96.11.0', 0), value('1-0:1.8.0', 1)];
const CAPTURED = [CLOCK, NUMBER, TOTAL];
const entry = (t: number, number: number, total = 7): Data => ({
  type: 'structure',
  value: [
    { type: 'octet-string', value: encodeDateTime(t, { deviation: -120 }) },
    { type: 'unsigned', value: number },
    { type: 'double-long-unsigned', value: total },
  ],
});
const form = { captured: CAPTURED, columns: COLUMNS, zone, numbers: [] };

describe('entries of an event log', () => {
  it('have time, number and what else stands in the row; two that are the same are told apart', () => {
    const buffer: Data = { type: 'array', value: [entry(NOW, 1), entry(NOW, 2), entry(NOW, 2), entry(NOW, 2, 8)] };
    expect(entriesOf(buffer, form).entries).toEqual([
      { t: NOW, number: 1, values: { '1-0:1.8.0': '70' }, nth: 0 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '70' }, nth: 0 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '70' }, nth: 1 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '80' }, nth: 0 },
    ]);
  });

  it('have a number only where the standard or the family of meters says which column it is', () => {
    const column = { ...NUMBER, name: name(0, 0, 96, 240, 12, 255) };
    const captured = [CLOCK, column, TOTAL];
    const buffer: Data = { type: 'array', value: [entry(NOW, 23)] };
    const of = (numbers: readonly string[]): unknown => entriesOf(buffer, { ...form, captured, numbers }).entries[0];
    expect(of([])).toMatchObject({ number: undefined, values: { '0-0:96.240.12': '23' } });
    expect(of(PROFILES['landis-gyr-zmd']!.eventNumbers)).toMatchObject({ number: 23, values: { '1-0:1.8.0': '70' } });
  });

  it('are of the same time as the row before where they say none, and left out where it is no time', () => {
    const row = (clock: Data, number: number): Data => ({ type: 'structure', value: [clock, { type: 'unsigned', value: number }, { type: 'null-data' }] }); // prettier-ignore
    const none: Data = { type: 'null-data' };
    const garbage = [8, 12].map((n): Data => ({ type: 'octet-string', value: new Uint8Array(n).fill(0xff) }));
    // without a deviation, so that the time of the row behind it follows by the zone as well
    const octets = encodeDateTime(NOW, { deviation: -120 });
    octets.set([0x80, 0], 9);
    const local: Data = { type: 'octet-string', value: octets };
    const value = [row(none, 1), entry(NOW, 2), row(none, 3), ...garbage.map((clock) => row(clock, 4)), row(none, 5), row(local, 6), row(none, 7)]; // prettier-ignore
    const { entries, timeless } = entriesOf({ type: 'array', value }, form);
    expect(entries.map(({ t, number }) => [t, number])).toEqual([2, 3, 6, 7].map((number) => [NOW, number]));
    expect(timeless).toBe(4);
  });

  it('that are none of their log are told by their bytes, with the time they show or that of the row before', () => {
    const short = (clock: Data): Data => ({ type: 'structure', value: [clock, { type: 'unsigned', value: 9 }] });
    const [clock] = (entry(NOW + 5000, 1) as Data & { type: 'structure' }).value;
    // what is to be as in a row that is none cannot be known
    const orphan: Data = { type: 'structure', value: [clock!, { type: 'null-data' }, { type: 'null-data' }] };
    const value = [short({ type: 'null-data' }), entry(NOW, 1), short(clock!), short({ type: 'null-data' }), orphan, entry(NOW, 2)]; // prettier-ignore
    const { entries, timeless } = entriesOf({ type: 'array', value }, form);
    expect(entries.map(({ t, number, bytes }) => [t - NOW, number, bytes?.slice(0, 4)])).toEqual([
      [0, 1, undefined],
      [5000, undefined, '0202'],
      [5000, undefined, '0202'],
      [5000, undefined, '0203'],
      [0, 2, undefined],
    ]);
    expect(timeless).toBe(1);
    const { code, event } = eventOf(entries[1]!, { ...PROFILES['generic']!, log: '0-0:99.98.0' });
    expect([code, event]).toMatchObject(['log.unreadable', { severity: 'warning', t: NOW + 5000, data: { bytes: entries[1]!.bytes } }]); // prettier-ignore
  });

  it('with values too long for an event are told without them, apart from others of the same time', () => {
    const long = (text: string): EventInit => eventOf({ t: 5, number: 1, values: { '0-0:96.1.0': text.repeat(20_000) }, nth: 0 }, { ...PROFILES['generic']!, log: '0-0:99.98.0' }).event; // prettier-ignore
    expect(long('a')).toMatchObject({ text: expect.stringContaining('left out') as string, data: { number: 1, values: null } }); // prettier-ignore
    expect(JSON.stringify(long('a').data).length).toBeLessThan(16 * 1024);
    expect(long('a').data).not.toEqual(long('b').data);
  });

  it('are named by the family of the meter, and keep their number where it has no name for it', () => {
    const zmd = { ...PROFILES['landis-gyr-zmd']!, log: '1-0:99.98.0' };
    const of = (number: number | undefined): unknown => eventOf({ t: 5, number, values: {}, nth: 0 }, zmd);
    expect(of(23)).toMatchObject({ code: 'log.power-down', event: { t: 5, severity: 'info', unique: true, data: { number: 23 } } }); // prettier-ignore
    expect(of(133)).toMatchObject({ code: 'log.terminal-cover-removed', event: { severity: 'warning' } });
    expect(of(9999)).toMatchObject({ code: 'log.9999', event: { severity: 'info', data: { number: 9999 } } });
    expect(of(undefined)).toMatchObject({ code: 'log.entry', event: { data: { number: null } } });
  });
});
