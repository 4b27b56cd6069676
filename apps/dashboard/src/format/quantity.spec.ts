import { quantityText } from './quantity.js';

const shown = (value: number, unit: string | null, language = 'en'): string =>
  quantityText(value, unit, language).replaceAll('\u202f', ' ');

test.each([
  [0, 'W', '0 W'],
  [-0.2, 'W', '0 W'],
  [999, 'W', '999 W'],
  [1234, 'W', '1.23 kW'],
  [-2410, 'W', '−2.41 kW'],
  [123_456, 'W', '123.5 kW'],
  [104_412_438, 'Wh', '104,412.4 kWh'],
  [234.7, 'V', '234.7 V'],
  [20, 'Cel', '20.0 °C'],
  [1088.226, 'm3', '1,088.226 m³'],
  [2, null, '2'],
  [0.5, '1', '0.5'],
])('%d %s is %s', (value, unit, text) => {
  expect(shown(value, unit)).toBe(text);
});

test('numbers are written as the language does', () => {
  expect(shown(1234, 'W', 'nl')).toBe('1,23 kW');
});
