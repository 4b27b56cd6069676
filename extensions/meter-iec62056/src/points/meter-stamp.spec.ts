import { Zone } from '@smx-edge/model';
import { datedRows, headedRows } from '../load-profile/profile-rows.js';
import { requestRange, stampTime } from './meter-stamp.js';

const rome = new Zone('Europe/Rome');
const local = (iso: string): number => Date.parse(`${iso}Z`);
const utc = (iso: string): number => Date.parse(`${iso}Z`);

describe('the time of a meter', () => {
  it('of the doubled hour is told apart by the digit of the season, else by what it is near to', () => {
    const at = local('2026-10-25T02:30:00');
    expect(stampTime({ local: at, season: 'summer' }, rome)).toBe(utc('2026-10-25T00:30:00'));
    expect(stampTime({ local: at, season: 'standard' }, rome)).toBe(utc('2026-10-25T01:30:00'));
    expect(stampTime({ local: at }, rome, utc('2026-10-25T01:25:00'))).toBe(utc('2026-10-25T01:30:00'));
    expect(stampTime({ local: at }, rome, utc('2026-10-25T00:25:00'))).toBe(utc('2026-10-25T00:30:00'));
    expect(stampTime({ local: at, season: 'utc' }, rome)).toBe(utc('2026-10-25T02:30:00'));
  });

  it('of one that keeps standard time all year is what its digit says', () => {
    expect(stampTime({ local: local('2026-07-01T12:00:00'), season: 'standard' }, rome)).toBe(
      utc('2026-07-01T11:00:00'),
    );
    const from = utc('2026-07-01T11:00:00');
    expect(requestRange({ from, to: from }, new Zone('Etc/GMT-1'), 11)).toMatchObject({ start: '02607011200' });
  });

  it('of one that keeps a summer which its zone does not have is an hour ahead of the zone', () => {
    const at = local('2026-07-01T12:00:00');
    expect(stampTime({ local: at, season: 'summer' }, new Zone('Etc/GMT-1'))).toBe(utc('2026-07-01T10:00:00'));
    expect(stampTime({ local: at, season: 'standard' }, new Zone('Etc/GMT-1'))).toBe(utc('2026-07-01T11:00:00'));
  });

  it('comes back from the stamp of a request, in both passes of the doubled hour', () => {
    const [from, to] = [utc('2026-10-25T00:30:00'), utc('2026-10-25T01:30:00')];
    expect(requestRange({ from, to }, rome, 11)).toEqual({ start: '12610250230', end: '02610250230', after: from });
    expect(requestRange({ from: to, to: to + 900_000 }, rome, 13).start).toBe('0261025023000');
  });

  it('of a request without a season covers both passes of the doubled hour, wherever in them it begins or ends', () => {
    const quarter = 900_000;
    const day = Array.from({ length: 5 * 4 }, (_, n) => utc('2026-10-24T23:00:00') + n * quarter);
    // as a meter that knows local time alone gives and filters them
    const shown = (t: number): string => new Date(t + rome.offset(t)).toISOString().slice(2, 16).replace(/[-T:]/g, '');
    for (const from of day.slice(4, -5))
      for (const to of day.filter((t) => t > from && t < day.at(-4)!)) {
        const { start, end, after } = requestRange({ from, to }, rome, 10);
        const given = day.filter((t) => shown(t) >= start && shown(t) <= end);
        const text = given.map((t) => `P.01(${shown(t)})(00)(15)(1)(1.5)(kW)\r\n(${t / quarter})\r\n`).join('');
        const rows = headedRows(text, { zone: rome, stamp: 'end', after });
        const asked = rows.filter(([at]) => at > from && at <= to);
        expect(asked.map(([at]) => at)).toEqual(day.filter((t) => t > from && t <= to));
        // each with its own value
        expect(rows.map(([at]) => at)).toEqual(given);
      }
  });

  it('runs on through the end of summer time within one heading, and with two', () => {
    const rows = (from: string, n: number): string => `P.01(${from})(00)(60)(1)(1.5)(kW)\r\n${'(1.5)\r\n'.repeat(n)}`;
    const ends = (text: string): number[] => headedRows(text, { zone: rome, stamp: 'end' }).map(([end]) => end);
    const hours = [0, 1, 2].map((n) => utc('2026-10-25T00:00:00') + n * 3_600_000);
    expect(ends(rows('1261025020000', 3))).toEqual(hours);
    expect(ends(rows('1261025020000', 1) + rows('0261025020000', 2))).toEqual(hours);
    const starts = headedRows(rows('1261025020000', 1), { zone: rome, stamp: 'start' });
    expect(starts.map(([, row]) => row)).toEqual([[hours[1], 0, '1500']]);
  });

  it('without a season goes on from what was asked for, in the second of the doubled hour as in the first', () => {
    const rows = (...from: string[]): string => from.map((zst) => `P.01(${zst})(00)(15)(1)(1.5)(kW)\r\n(1.5)\r\n`).join(''); // prettier-ignore
    const quarters = [0, 1, 2, 3, 4, 5].map((n) => utc('2026-10-25T00:15:00') + n * 900_000);
    const zsts = ['0215', '0230', '0245', '0200', '0215', '0230'].map((clock) => `261025${clock}`);
    const shape = { period: 900_000, channels: [{ address: '1.8.0', unit: 'kWh' }] };
    const written = zsts.map((zst) => `P.01(26-10-25,${zst.slice(6, 8)}:${zst.slice(8)})(1)`);
    for (const [from, ends] of [
      [0, quarters],
      [4, quarters.slice(4)],
    ] as const) {
      // prettier-ignore
      const form = { zone: rome, stamp: 'end', after: ends[0]! - 900_000 } as const;
      expect(headedRows(rows(...zsts.slice(from)), form).map(([end]) => end)).toEqual(ends);
      expect(datedRows(written.slice(from).join(''), shape, form).map(([end]) => end)).toEqual(ends);
    }
  });
});
