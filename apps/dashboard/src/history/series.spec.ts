import { columnsOf, summaryOf } from './series.js';

const T = 1_700_000_000_000;
const minute = (n: number): number => T + n * 60_000;
const s = (ms: number): number => ms / 1000;

describe('columns of a chart', () => {
  it('break where windows are missing or hold nothing', () => {
    const rows = [[minute(1), 1], [minute(2), 2], [minute(5), 5], [minute(6), null], [minute(7), 7]] as const; // prettier-ignore
    const { times, values } = columnsOf([{ path: 'p', rows, every: 60_000 }]);
    expect(values[0]).toEqual([1, 2, null, 5, null, 7]);
    expect(times[2]).toBeGreaterThan(s(minute(2)));
    expect(times[2]).toBeLessThan(s(minute(5)));
  });

  it('put series of other times on one axis without breaking them', () => {
    const a = { path: 'a', rows: [[minute(1), 1], [minute(2), 2]] as const, every: 60_000 }; // prettier-ignore
    const b = { path: 'b', rows: [[minute(1.5), 9]] as const, every: 60_000 };
    const { times, values } = columnsOf([a, b]);
    expect(times).toEqual([minute(1), minute(1.5), minute(2)].map(s));
    expect(values).toEqual([
      [1, undefined, 2],
      [undefined, 9, undefined],
    ]);
  });

  it('mark what is uncertain', () => {
    const rows = [[minute(1), 1], [minute(2), 2, 'uncertain']] as const; // prettier-ignore
    expect(columnsOf([{ path: 'p', rows, every: 60_000 }]).uncertain).toEqual([s(minute(2))]);
  });
});

test('a summary counts numbers only, and is none where there are none', () => {
  expect(summaryOf({ path: 'p', every: 0, rows: [[1, null], [2, 4], [3, -1], [4, null]] })).toEqual({ least: -1, most: 4, last: -1 }); // prettier-ignore
  expect(summaryOf({ path: 'p', every: 0, rows: [[1, null]] })).toBeUndefined();
});
