import fc from 'fast-check';
import { scaleDecimal } from './decimal.js';

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
