import { durationMs, durationText, sizeBytes } from './duration.js';

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['31d', 31 * 86_400_000],
  ['10y', 3650 * 86_400_000],
])('%s is %i ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it.each(['10', 's', '-1s', '1 h', '1fortnight', '', '1.s'])('%j is no duration and says how to write one', (text) => {
  expect(() => durationMs(text)).toThrow(/10s, 15m/);
});

it('writes the shortest exact text', () => {
  expect([900_000, 90_000, 1, 86_400_000].map(durationText)).toEqual(['15m', '90s', '1ms', '1d']);
});

it('reads sizes', () => {
  expect(sizeBytes('64MiB')).toBe(64 * 2 ** 20);
  expect(sizeBytes('2kB')).toBe(2000);
  expect(() => sizeBytes('64')).toThrow(/64MiB/);
});
