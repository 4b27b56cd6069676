import fc from 'fast-check';
import { Zone } from './zone.js';

const rome = new Zone('Europe/Rome');

it('knows summer and winter', () => {
  expect(rome.offset(Date.UTC(2026, 6, 1))).toBe(7_200_000);
  expect(rome.offset(Date.UTC(2026, 0, 1))).toBe(3_600_000);
});

it('tells summer to the hour, also where it is longer than half a year, and south of the equator', () => {
  expect(rome.isSummer(Date.UTC(2026, 9, 25, 0, 59))).toBe(true);
  expect(rome.isSummer(Date.UTC(2026, 9, 25, 1))).toBe(false);
  expect(rome.isSummer(Date.UTC(2026, 3, 2))).toBe(true);
  expect(rome.isSummer(Date.UTC(2026, 0, 1))).toBe(false);
  const sydney = new Zone('Australia/Sydney');
  expect([sydney.isSummer(Date.UTC(2026, 0, 1)), sydney.isSummer(Date.UTC(2026, 6, 1))]).toEqual([true, false]);
  expect(new Zone('Asia/Kathmandu').isSummer(Date.UTC(2026, 6, 1))).toBe(false);
});

it('turns local time back to UTC at both edges of the year', () => {
  // 29 March 2026 02:30 does not exist; 25 October 2026 02:30 comes twice, the first is summer time
  expect(rome.utc(Date.UTC(2026, 9, 25, 2, 30))).toBe(Date.UTC(2026, 9, 25, 0, 30));
  expect(rome.local(rome.utc(Date.UTC(2026, 2, 29, 2, 30))).hour).toBe(3);
});

it('starts days at local midnight also when they have 23 or 25 hours', () => {
  expect(rome.dayStart(Date.UTC(2026, 2, 29, 20))).toBe(Date.UTC(2026, 2, 28, 23));
  expect(rome.dayStart(Date.UTC(2026, 9, 25, 20))).toBe(Date.UTC(2026, 9, 24, 22));
});

it('round-trips every unambiguous instant', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }),
      fc.constantFrom('Europe/Rome', 'Europe/Amsterdam', 'UTC', 'Asia/Kathmandu', 'America/New_York'),
      (t, name) => {
        const zone = new Zone(name);
        const back = zone.utc(t + zone.offset(t));
        expect([t, t - 3_600_000]).toContain(back);
        expect(zone.local(back)).toMatchObject({ minute: zone.local(t).minute, hour: zone.local(t).hour });
      },
    ),
  );
});

it('refuses a zone that does not exist', () => {
  expect(() => new Zone('Europe/Atlantis')).toThrow(RangeError);
});
