import { MOST_BYTES, Pace } from './pace.js';

const CHUNK = 65_536;

/** Bytes taken from `from` on in so many ms by a reader who keeps to it, of a line that always has more. */
function taken(pace: Pace, from: number, ms: number): number {
  let bytes = 0;
  for (let now = from; now < from + ms; bytes += CHUNK) now += pace.take(CHUNK, now);
  return bytes;
}

it('lets a line through at its speed, and what was held up for half a minute', () => {
  const pace = new Pace();
  for (let now = 0; now < 600_000; now += 50) expect(pace.take((4200 * 45) / 20, now)).toBe(0);
  expect(pace.take(30 * 2600 * 45, 630_000)).toBe(0);
});

it('holds back whoever sends more', () => {
  const pace = new Pace();
  taken(pace, 0, 20_000);
  expect(Math.abs(taken(pace, 20_000, 60_000) / (60 * MOST_BYTES) - 1)).toBeLessThan(0.02);
});

it.each([
  ['stands still', 0],
  ['is set back', -3_600_000],
])('goes on where the clock %s', (_what, step) => {
  const pace = new Pace();
  let now = 1_800_000_000_000;
  for (let k = 0; k < 1000; k++) expect(pace.take(CHUNK, now)).toBeLessThanOrEqual(1000);
  now += step;
  expect(pace.take(CHUNK, now)).toBeLessThanOrEqual(1000);
  expect(pace.take(CHUNK, now + 60_000)).toBe(0);
});

it('gives up what stands for more than can be waited for, for some seconds', () => {
  const pace = new Pace();
  taken(pace, 0, 20_000);
  expect(pace.isFarBehind(20_000)).toBe(false);
  expect(pace.take(100 * MOST_BYTES, 20_000)).toBe(1000);
  expect(pace.isFarBehind(22_000)).toBe(true);
  expect(pace.isFarBehind(24_500)).toBe(false);
});
