import { Slice } from './slice.js';

const BEAT = 760;
/** A line at 9,600 baud: what the request takes, and each row, ms. */
const line = (rows: number): number => 130 + 24 * rows;

/** ms that slices take of the time until the next beat. */
function beat(slice: Slice, took: (rows: number) => number): number {
  let left = BEAT;
  for (let rows = slice.rows(left); rows > 0; rows = slice.rows(left)) {
    slice.took(took(rows), rows);
    left -= took(rows);
  }
  return BEAT - left;
}

const beats = (slice: Slice, n: number, took: (rows: number) => number): number[] =>
  Array.from({ length: n }, () => beat(slice, took));

describe('slices of a profile', () => {
  it('fill the time until the next beat and go little over it, once they know what request and rows take', () => {
    const used = beats(new Slice(), 20, line).slice(5);
    expect(Math.min(...used)).toBeGreaterThan(0.9 * BEAT);
    expect(Math.max(...used)).toBeLessThanOrEqual(BEAT);
  });

  it('grow small for a line that has become slow', () => {
    const slice = new Slice();
    beats(slice, 5, line);
    const used = beats(slice, 20, (rows) => 2 * line(rows)).slice(10);
    expect(Math.max(...used)).toBeLessThanOrEqual(BEAT * 1.1);
  });

  it('come again after an answer that was late by chance', () => {
    const slice = new Slice();
    beats(slice, 5, line);
    beat(slice, () => 3000);
    const used = beats(slice, 40, line);
    expect(used.at(-1)).toBeGreaterThan(0.85 * BEAT);
  });

  it('are asked for now and then where a single row takes longer than there is time', () => {
    const slice = new Slice();
    const used = beats(slice, 300, () => 2000);
    expect(used.filter((ms) => ms > 0).length).toBeGreaterThan(2);
    expect(used.filter((ms) => ms > 0).length).toBeLessThan(100);
  });

  it('are asked for at last where the reader leaves no time for any', () => {
    const slice = new Slice();
    slice.took(50, 1);
    const given = Array.from({ length: 200 }, () => slice.rows(10)).filter((rows) => rows > 0);
    expect(new Set(given)).toEqual(new Set([1]));
  });

  it('are one row after the meter gave too many', () => {
    const slice = new Slice();
    slice.took(100, 4);
    for (let i = 0; i < 4; i++) slice.failed();
    expect(slice.rows(BEAT)).toBe(1);
  });
});
