import { HourLimit } from './hour-limit.js';

it('tells a thousand events of an hour, the last of them as such, and begins anew with the next', () => {
  const limit = new HourLimit();
  const now = 1_800_000_000_000;
  const hour = (at: number): string[] => Array.from({ length: 1500 }, (_, k) => limit.take(at + k));
  for (const at of [now, now + 3_600_000, now - 3_600_000]) {
    const told = hour(at);
    expect(told.slice(0, 999).every((how) => how === 'told')).toBe(true);
    expect(told[999]).toBe('last');
    expect(told.slice(1000).every((how) => how === 'counted')).toBe(true);
  }
});
