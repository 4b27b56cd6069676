import { scaledUnit } from './units.js';

it.each([
  ['kW', 'W', 3],
  ['kWh', 'Wh', 3],
  ['kvar', 'var', 3],
  ['kVAr', 'var', 3],
  ['kVArh', 'varh', 3],
  ['VArh', 'varh', 0],
  ['kVA', 'VA', 3],
  ['MW', 'W', 6],
  ['mA', 'A', -3],
  ['m3', 'm3', 0],
  ['GJ', 'J', 9],
  ['Hz', 'Hz', 0],
])('%s is %s × 10^%i', (text, unit, exponent) => {
  expect(scaledUnit(text)).toEqual({ unit, exponent });
});

it('knows no unit it has not heard of', () => {
  expect(scaledUnit('furlong')).toBeUndefined();
  expect(scaledUnit('')).toBeUndefined();
});
