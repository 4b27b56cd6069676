import type { Data } from '@smx-edge/protocols/cosem';
import { objectsOf } from './object-list.js';

const number = (value: number): Data => ({ type: 'long', value });
const name = (...octets: number[]): Data => ({ type: 'octet-string', value: Uint8Array.from(octets) });
const entry = (...value: Data[]): Data => ({ type: 'structure', value });

describe('object list', () => {
  it('is read by logical and by short names, signed base names and classes of makers as they are', () => {
    const ln = entry(number(3), number(0), name(1, 0, 1, 8, 0, 255), entry());
    const sn = entry(number(-1544), number(3), number(0), name(1, 1, 32, 7, 0, 255));
    const maker = entry(number(25_200), number(10_001), number(0), name(0, 0, 128, 0, 0, 255));
    expect(objectsOf({ type: 'array', value: [ln, sn, maker] })).toEqual({
      objects: [
        { classId: 3, version: 0, obis: '1-0:1.8.0' },
        { classId: 3, version: 0, obis: '1-1:32.7.0', base: 0xf9f8 },
        { classId: 10_001, version: 0, obis: '0-0:128.0.0', base: 25_200 },
      ],
      skipped: 0,
    });
  });

  it('passes over entries that are none, and counts them', () => {
    const bad = [number(1), entry(), entry(number(3), number(0), name(1, 0)), entry(number(1), number(-1), number(0), name(1, 0, 1, 8, 0, 255))]; // prettier-ignore
    expect(objectsOf({ type: 'array', value: bad })).toEqual({ objects: [], skipped: 4 });
    expect(objectsOf({ type: 'null-data' })).toEqual({ objects: [], skipped: 0 });
  });
});
