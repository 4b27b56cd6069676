import { SampleClock } from './sample-clock.js';

const RATE = 2600;
const COUNT = 130;
const LENGTH = 50;

/** Times of blocks of 50 ms of which the bytes came `late(k)` ms after their last sample; how far each is off. */
function errors(blocks: number, late: (k: number) => number, from = 0): number[] {
  const clock = new SampleClock();
  return Array.from({ length: blocks }, (_, k) => {
    const taken = from + k * LENGTH;
    return clock.timeOf({ first: k * COUNT, count: COUNT }, RATE, taken + LENGTH + late(k)) - taken;
  });
}

it('takes of bytes that were held up those that were least', () => {
  const off = errors(2000, (k) => (k % 7 === 0 ? 1 : 20 + (k % 5)));
  expect(Math.max(...off.slice(100))).toBeLessThan(4);
  expect(Math.min(...off)).toBeGreaterThanOrEqual(0);
});

it('recovers from a start that was held up, and never runs backwards meanwhile', () => {
  const off = errors(400, (k) => (k < 5 ? 250 - 50 * k : 2));
  expect(Math.abs(off.at(-1)!)).toBeLessThan(4);
  for (const [k, error] of off.entries()) if (k > 0) expect(error - off[k - 1]!).toBeGreaterThan(-LENGTH);
});

it('follows a box whose clock is set', () => {
  const off = errors(100, (k) => (k < 50 ? 1 : 3_600_001));
  expect(Math.round(off.at(-1)!)).toBe(3_600_001);
});
