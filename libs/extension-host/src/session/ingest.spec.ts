import { BAD, GOOD, UNCERTAIN } from '@smx-edge/model';
import { Ingest } from './ingest.js';

describe('samples of an instance', () => {
  const quality = (
    value: unknown,
    extra?: [quality: number, reason: string | null],
    type: 'number' | 'string' = 'number',
  ) => {
    const ingest = new Ingest();
    ingest.add({ handle: 7, type });
    expect(
      ingest.fill(1000, null, { pairs: [7, value], extras: extra === undefined ? [] : [[0, ...extra, null]] }),
    ).toBe(0);
    return [ingest.batch.quality[0], ingest.batch.reason.get(0)];
  };

  it('are null and bad where nothing is said of the null, and null and good where it is said to be known', () => {
    for (const type of ['number', 'string'] as const) {
      expect(quality(null, undefined, type)).toEqual([BAD, undefined]);
      expect(quality(null, [BAD, 'empty'], type)).toEqual([BAD, 'empty']);
      expect(quality(null, [GOOD, 'not active'], type)).toEqual([GOOD, 'not active']);
    }
    expect(quality(1, [UNCERTAIN, 'late'])).toEqual([UNCERTAIN, 'late']);
  });

  it('are bad where they are not of the type of their point, whatever is said', () => {
    expect(quality('1', [GOOD, 'trust me'])).toEqual([BAD, 'not of type number']);
    expect(quality(1, [GOOD, 'trust me'], 'string')).toEqual([BAD, 'not of type string']);
  });
});
