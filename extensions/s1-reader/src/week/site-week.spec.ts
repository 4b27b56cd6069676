import { Zone } from '@smx-edge/model';
import { weekOf } from './site-week.js';

const brussels = new Zone('Europe/Brussels');
const HOUR = 3_600_000;

describe('a week of the site', () => {
  it('goes from Monday to Sunday of its own clock', () => {
    const start = Date.UTC(2026, 10, 22, 23);
    const week = { name: '2026-W48', start, end: start + 168 * HOUR };
    expect(weekOf(Date.UTC(2026, 10, 28, 20), brussels)).toEqual(week);
    expect(weekOf(start + 1, brussels)).toEqual(week);
    expect(weekOf(start + 168 * HOUR, brussels)).toEqual(week);
    expect(weekOf(start, brussels).name).toBe('2026-W47');
  });

  it('has an hour less or more where the clock is set', () => {
    const spring = weekOf(Date.UTC(2026, 2, 28), brussels);
    const autumn = weekOf(Date.UTC(2026, 9, 24), brussels);
    expect(spring.end - spring.start).toBe(167 * HOUR);
    expect(autumn.end - autumn.start).toBe(169 * HOUR);
  });

  it.each([
    [Date.UTC(2027, 0, 2), '2026-W53'],
    [Date.UTC(2027, 0, 5), '2027-W01'],
    [Date.UTC(2024, 11, 31), '2025-W01'],
    [Date.UTC(2021, 0, 3), '2020-W53'],
    [Date.UTC(2026, 0, 1), '2026-W01'],
  ])('is called as ISO 8601 does: %d is in %s', (t, name) => {
    expect(weekOf(t + 12 * HOUR, brussels).name).toBe(name);
  });
});
