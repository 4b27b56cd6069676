import { House } from './house.js';
import { pastOf, readingOf, type Past } from './past.js';

const QUARTER = 900_000;
const DAYS = 60;
/** A while after the change to winter time. */
const START = Date.UTC(2026, 10, 20, 9);

describe('what the meter counted before the house began', () => {
  let past: Past;
  beforeAll(() => (past = pastOf({ start: START, seed: 3 }, DAYS)));

  it('leads to the registers with which the house begins', () => {
    const begin = past.zone.dayStart(START);
    const house = new House({ start: begin, seed: 3 });
    expect(past.quarters.at(-1)).toEqual(readingOf(house.meter, begin));
  });

  it('is the same whenever it is asked for', () => expect(pastOf({ start: START, seed: 3 }, DAYS)).toEqual(past));

  it('is a row for each quarter hour that ended with power, and none besides', () => {
    const begin = past.zone.dayStart(START);
    const first = past.zone.dayStart(begin - DAYS * 86_400_000);
    const ends: number[] = [];
    for (let end = first + QUARTER; end <= begin; end += QUARTER)
      if (!past.outages.some(({ down, up }) => end > down && end <= up)) ends.push(end);
    expect(past.outages.length).toBeGreaterThan(0);
    expect(past.quarters.map(({ end }) => end)).toEqual(ends);
  });

  it('never falls, and never more than a house can take or give', () => {
    const most = 12_000 * 900;
    for (const [i, row] of past.quarters.entries()) {
      const before = past.quarters[i - 1] ?? row;
      for (const register of ['import', 'export', 'reactiveImport', 'reactiveExport'] as const) {
        const flow = row[register] - before[register];
        expect(Number.isInteger(flow) && flow >= 0 && flow <= most).toBe(true);
      }
    }
    const week = (from: number): number => past.quarters[from + 672]!.export - past.quarters[from]!.export;
    // the sun of September and of November
    expect(week(0)).toBeGreaterThan(2 * week(past.quarters.length - 700));
  });
});
