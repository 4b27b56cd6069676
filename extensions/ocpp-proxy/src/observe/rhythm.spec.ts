import { FIRST_INTERVAL, Rhythm } from './rhythm.js';

it('learns the interval of a charge point from when its values come, and not from a pause', () => {
  const rhythm = new Rhythm();
  let now = 0;
  const beats = (every: number, count: number): number => {
    for (let i = 0; i < count; i++) rhythm.beat((now += every));
    return rhythm.interval;
  };
  expect(beats(10_100, 2)).toBe(FIRST_INTERVAL);
  expect(beats(10_100, 2)).toBe(10_000);
  rhythm.pause();
  now += 3_600_000;
  expect(beats(10_000, 1)).toBe(10_000);
  expect(beats(900_000, 3)).toBe(900_000);
});
