import { peakOf, risingCrossings, rmsOf, triggered, type Samples } from './wave.js';

const RATE = 2600;
const PER_CYCLE = RATE / 50;

const sine = (count: number, shift: number, noise = 0): number[] =>
  Array.from(
    { length: count },
    (_, n) => 325 * Math.sin((2 * Math.PI * (n - shift)) / PER_CYCLE) + (n % 2 === 0 ? noise : -noise),
  );

test('a wave rises through 0 between two samples', () => {
  const found = risingCrossings(sine(150, 7.3));
  expect(found).toHaveLength(3);
  expect(found[0]).toBeCloseTo(7.3, 1);
  expect(found[2]).toBeCloseTo(2 * PER_CYCLE + 7.3, 1);
});

test('noise around 0 is no crossing', () => {
  expect(risingCrossings(sine(150, 7.3, 40))).toHaveLength(3);
});

test('no crossing is found at a lost sample, nor in silence', () => {
  const wave: Samples = sine(150, 7.3).map((value, n) => (n === 59 ? null : value));
  expect(risingCrossings(wave)).toHaveLength(2);
  expect(risingCrossings(Array.from({ length: 100 }, () => 0))).toEqual([]);
});

test('whatever the phase, the cycles that are shown begin at the same place of the wave', () => {
  for (const shift of [0.4, 13, 26.5, 51]) {
    const samples = sine(5 * PER_CYCLE, shift);
    const stretch = triggered(samples, 3)!;
    expect(stretch.to - stretch.from).toBeCloseTo(3 * PER_CYCLE, 1);
    expect((stretch.from - shift + PER_CYCLE) % PER_CYCLE).toBeLessThan(0.1);
    expect(stretch.to).toBeLessThanOrEqual(samples.length - 1);
    expect(rmsOf(samples, stretch)).toBeCloseTo(325 / Math.SQRT2, 0);
  }
});

test('of too few cycles nothing stands still', () => {
  expect(triggered(sine(3 * PER_CYCLE, 20), 3)).toBeUndefined();
  expect(triggered(sine(50, 20), 1)).toBeUndefined();
});

test('what is lost is in no figure', () => {
  expect(peakOf([null, -3, 2])).toBe(3);
  expect(rmsOf([null, 3, -3], { from: 0, to: 3 })).toBe(3);
  expect(rmsOf([null, null], { from: 0, to: 2 })).toBeUndefined();
});
