import * as fc from 'fast-check';
import { ByteReader } from '../journal/byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readColumn, skipColumn, writeColumn } from './column.js';

const through = (values: Float64Array): { back: Float64Array; bytes: number } => {
  const writer = new ByteWriter(1);
  writeColumn(values, writer);
  writer.byte(0x55);
  const bytes = Buffer.from(writer.taken());
  const reader = new ByteReader(bytes);
  const back = readColumn(reader, values.length);
  expect(reader.byte()).toBe(0x55);
  const skipping = new ByteReader(bytes);
  skipColumn(skipping);
  expect(skipping.offset).toBe(reader.offset - 1);
  return { back, bytes: bytes.length - 1 };
};

const exact = (values: ArrayLike<number>): void => {
  const { back } = through(Float64Array.from(values));
  for (let i = 0; i < values.length; i++)
    if (!Object.is(back[i], values[i])) throw new Error(`${String(values[i])} came back as ${back[i]} at ${i}`);
};

const decimals = fc
  .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 7 }))
  .map(([whole, places]) => whole / 10 ** places);
const hostile = fc.constantFrom(
  ...[0, -0, NaN, 1e300, -1e300, 5e-324, -5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ...[
    2 ** 49,
    2 ** 49 - 1,
    -(2 ** 49),
    2 ** 51,
    2 ** 53,
    0.1 + 0.2,
    1 / 3,
    1e21,
    0.000001,
    1.0000001,
    123456789.123456,
  ],
  ...[Infinity, -Infinity, 5.6e14, 562949953421.311, 562949953421.312],
);

describe('a column', () => {
  it('gives every double back to the bit', () => {
    const anything = fc.oneof(fc.double(), decimals, hostile, fc.integer());
    const run = fc
      .tuple(anything, fc.integer({ min: 1, max: 9 }))
      .map(([value, n]) => new Array<number>(n).fill(value));
    for (const values of [fc.array(anything), fc.array(decimals), fc.array(run).map((runs) => runs.flat())])
      fc.assert(fc.property(values, exact), { numRuns: 500 });
  });

  it('gives counters, clocks and walks of any step back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 48), max: 2 ** 48 }),
        fc.array(fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), { maxLength: 200 }),
        (start, steps) => {
          let value = start;
          exact(steps.map((step) => (value = (value + step) % 2 ** 49)));
        },
      ),
    );
  });

  it('takes a few bytes for what is regular and about one a sample for what a meter measures', () => {
    const of = (n: number, value: (i: number) => number): number =>
      through(Float64Array.from({ length: n }, (_, i) => value(i))).bytes;
    expect(of(3600, () => 230.1)).toBeLessThan(12);
    expect(of(3600, (i) => 1.8e12 + i * 1000)).toBeLessThan(20);
    expect(of(3600, (i) => (2300 + ((i * 7919) % 13)) / 10)).toBeLessThan(3600);
    let seed = 1;
    const noise = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    expect(of(3600, () => Math.sin(noise()))).toBeLessThan(3600 * 8.1);
  });
});
