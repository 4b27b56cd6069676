import { linear, linePath, logarithmic, roundUp, ticksOf } from './scale.js';

test('ticks are round and within', () => {
  expect(ticksOf(-400, 400, 4)).toEqual([-400, -200, 0, 200, 400]);
  expect(ticksOf(0, 80, 8)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
  expect(ticksOf(-0.37, 0.37, 4)).toEqual([-0.2, 0, 0.2]);
  expect(ticksOf(3, 3, 4)).toEqual([]);
});

test('the end of a scale is round and holds all', () => {
  expect(roundUp(326, 2)).toBe(400);
  expect(roundUp(12.3, 2)).toBe(20);
  expect(roundUp(0.013, 2)).toBe(0.02);
  expect(roundUp(0, 2)).toBe(1);
  expect(roundUp(NaN, 2)).toBe(1);
});

test('scales map both ends', () => {
  const up = linear([-400, 400], [100, 0]);
  expect([up(-400), up(0), up(400)]).toEqual([100, 50, 0]);
  const log = logarithmic([0.01, 100], [0, 400]);
  expect(log(0.01)).toBeCloseTo(0);
  expect(log(1)).toBeCloseTo(200);
});

test('a line has a hole where a sample was lost, and no 0', () => {
  const same = (value: number): number => value;
  expect(linePath([1, 2, null, 4, 5], { from: 0, to: 4 }, { x: same, y: same })).toBe(
    'M0.0 1.0L1.0 2.0M3.0 4.0L4.0 5.0',
  );
  expect(linePath([1, 2, 3, 4], { from: 1.4, to: 9 }, { x: same, y: same })).toBe('M1.0 2.0L2.0 3.0L3.0 4.0');
});
