import { midnightBefore } from './midnight.js';

const at = (text: string): number => Date.parse(text);

test.each([
  ['a summer day', '2026-07-01T15:30:00.500Z', 'Europe/Brussels', '2026-06-30T22:00:00Z'],
  ['the first moment of a day', '2026-06-30T22:00:00Z', 'Europe/Brussels', '2026-06-30T22:00:00Z'],
  ['the day clocks go forward', '2026-03-29T10:00:00Z', 'Europe/Brussels', '2026-03-28T23:00:00Z'],
  ['the day clocks go back', '2026-10-25T10:00:00Z', 'Europe/Brussels', '2026-10-24T22:00:00Z'],
  ['a zone with half an hour', '2026-01-10T20:00:00Z', 'Asia/Kolkata', '2026-01-10T18:30:00Z'],
])('midnight before %s', (_what, t, zone, expected) => {
  expect(new Date(midnightBefore(at(t), zone)).toISOString()).toBe(new Date(at(expected)).toISOString());
});
