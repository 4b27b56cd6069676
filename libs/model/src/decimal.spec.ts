import fc from 'fast-check';
import { roundTo, scaleDecimal } from './decimal.js';

describe('scaleDecimal', () => {
  it.each([
    ['01.001', 3, 1001],
    ['003432.827', 3, 3432827],
    ['00.000', 3, 0],
    ['-0', 0, 0],
    ['230.1', 0, 230.1],
    ['999.9', 3, 999900],
    ['12', -3, 0.012],
    ['.5', 0, 0.5],
  ])('%s × 10^%i is %d', (text, exponent, expected) => {
    expect(scaleDecimal(text, exponent)).toBe(expected);
  });

  it('never has a negative zero', () => {
    expect(Object.is(scaleDecimal('-0.0', 3), 0)).toBe(true);
  });

  it.each(['', '-', '.', '1.2.3', '1e3', ' 1', '0x10', 'NaN', '99999999999999999999'])('%j is no number', (text) => {
    expect(scaleDecimal(text)).toBeNaN();
  });

  it('is exact where the result is an integer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (n) => {
        const text = `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
        expect(scaleDecimal(text, 3)).toBe(n);
      }),
    );
  });
});

describe('roundTo', () => {
  it.each([
    [0.29, 0.1, 0.3],
    [1234.5, 10, 1230],
    [1235, 10, 1240],
    [-4, 10, 0],
    [3.4, 1.1, 3.3],
    [7, 2.5, 7.5],
    [230.04, 0.05, 230.05],
  ])('%d to multiples of %d is %d', (value, step, expected) => {
    expect(roundTo(value, step)).toBe(expected);
  });

  it('keeps what is no finite number and has no negative zero', () => {
    expect(roundTo(NaN, 10)).toBeNaN();
    expect(roundTo(1e308, 1e-9)).toBe(1e308);
    expect(Object.is(roundTo(-4, 10), 0)).toBe(true);
  });

  it('is at most half a step off', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom(0.1, 0.25, 1, 5, 100),
        (value, step) => {
          expect(Math.abs(roundTo(value, step) - value)).toBeLessThanOrEqual(step / 2 + 1e-6);
        },
      ),
    );
  });
});
