import { lagOf, sequenceOf, tipOf, within, type PhasorsByChannel } from './phasors.js';

const at = (angles: Readonly<Record<string, number | null>>): PhasorsByChannel =>
  Object.fromEntries(
    Object.entries(angles).map(([name, angle]) => [name, angle === null ? null : { rms: 230, angle }]),
  );

test('an arrow that is ahead by a quarter points up', () => {
  const [x, y] = tipOf(90, 10);
  expect(x).toBeCloseTo(0);
  expect(y).toBeCloseTo(-10);
  expect(tipOf(0, 10)).toEqual([10, -0]);
});

test('the sequence is told by the angles, with and without a neutral', () => {
  expect(sequenceOf(at({ l1: 0, l2: -119.8, l3: 120.3 }))).toBe('L1-L2-L3');
  expect(sequenceOf(at({ l1: 0, l2: 120.2, l3: -120 }))).toBe('L1-L3-L2');
  expect(sequenceOf(at({ 'l1-l2': 0, 'l3-l1': 119.5, 'l2-l3': -120.4 }))).toBe('L1-L2-L3');
  expect(sequenceOf(at({ 'l1-l2': 0, 'l3-l1': -120, 'l2-l3': 120 }))).toBe('L1-L3-L2');
});

test('no sequence is made up', () => {
  expect(sequenceOf(at({ l1: 0 }))).toBeUndefined();
  expect(sequenceOf(at({ l1: 0, l2: null, l3: 120 }))).toBeUndefined();
  expect(sequenceOf(at({ l1: 0, l2: 3, l3: -2 }))).toBeUndefined();
});

test('a current that is behind its voltage lags, over the half turn too', () => {
  const phasors = {
    end: 0,
    frequency: 50,
    voltage: at({ l1: 0, l2: 170 }),
    current: at({ l1: -30, l2: -160, l3: null }),
  };
  expect(lagOf(phasors, 'l1')).toBe(30);
  expect(lagOf(phasors, 'l2')).toBe(-30);
  expect(lagOf(phasors, 'l3')).toBeUndefined();
  expect(within(270)).toBe(-90);
});
