import { distortionOf, ordersAbove, percentOf } from './spectrum.js';

test('shares are of the fundamental, and distortion is their sum of squares', () => {
  expect(percentOf([0, 200, 2, 10])).toEqual([0, 100, 1, 5]);
  expect(distortionOf([0.5, 200, 6, 8])).toBe(5);
});

test('without a fundamental, or with an order that is not known, nothing is told', () => {
  expect(percentOf([0, null, 2, 3])).toEqual([null, null, null, null]);
  expect(percentOf([0, 0, 2])).toEqual([null, null, null]);
  expect(distortionOf([0, 230, null, 3])).toBeUndefined();
  expect(distortionOf([])).toBeUndefined();
});

test('an order is above its limit only where it has one', () => {
  expect(ordersAbove([0, 100, 2.1, 4.9, null, 6.1, 0.2], [null, null, 2, 5, 1, 6])).toEqual([2, 5]);
});
