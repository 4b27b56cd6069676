import { formatObis, obisSegment, parseObis } from './obis.js';
import { isPointPath } from './filter.js';

it('reads and writes a code', () => {
  expect(parseObis('1-0:1.8.0')).toEqual({ a: 1, b: 0, c: 1, d: 8, e: 0, f: 255 });
  expect(formatObis({ a: 1, b: 0, c: 1, d: 8, e: 0, f: 255 })).toBe('1-0:1.8.0');
  expect(formatObis(parseObis('1-0:1.8.0*1')!)).toBe('1-0:1.8.0*1');
});

it.each(['1-0:1.8', '1-0:256.8.0', 'x', '1-0:1.8.0*'])('%s is no code', (text) => {
  expect(parseObis(text)).toBeUndefined();
});

it('gives a legal path segment', () => {
  expect(obisSegment('1-0:1.8.0')).toBe('1-0_1-8-0');
  expect(isPointPath(`pcc/obis/${obisSegment('1-0:1.8.0*1')}`)).toBe(true);
});
