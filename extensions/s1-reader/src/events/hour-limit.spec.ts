import { HourLimit } from './hour-limit.js';

const NOW = 1_800_000_000_000;

it('tells a thousand events of an hour, says at the next that it only counts, and begins anew with the next hour', () => {
  const limit = new HourLimit();
  const hour = (at: number): string[] => Array.from({ length: 1500 }, (_, k) => limit.take(at + k * 300));
  for (const at of [NOW, NOW + 3_600_000, NOW - 3_600_000]) {
    const told = hour(at);
    expect(told.slice(0, 1000).every((how) => how === 'told')).toBe(true);
    expect(told[1000]).toBe('first');
    expect(told.slice(1001).every((how) => how === 'counted')).toBe(true);
  }
});

it('tells a hundred at once, then four a second, so that the box refuses none', () => {
  const limit = new HourLimit();
  const told = (at: number): number =>
    Array.from({ length: 500 }, () => limit.take(at)).filter((how) => how === 'told').length;
  expect([told(NOW), told(NOW + 1000), told(NOW + 3000)]).toEqual([100, 4, 8]);
  // that some are not told is said once an hour, also where it is by their rate
  expect(limit.take(NOW - 60_000)).toBe('counted');
  const fresh = new HourLimit();
  expect(Array.from({ length: 102 }, () => fresh.take(NOW)).slice(-3)).toEqual(['told', 'first', 'counted']);
});
