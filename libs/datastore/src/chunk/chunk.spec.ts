import * as fc from 'fast-check';
import { BlockTable, BlockTableBuilder } from './block-table.js';
import { encodeChunk, readChunk } from './chunk.js';
import type { SampleReader } from '../journal/sample-reader.js';
import { PointSamples } from './point-samples.js';

interface Sample {
  record: number;
  block: number;
  index: number;
  received: number;
  t: number;
  quality: number;
  number: number;
  other: string | number[] | undefined;
}

const number = fc.oneof(
  fc.double(),
  fc.integer().map((whole) => whole / 10),
  fc.constantFrom(0, -0, NaN, 1e300, 5e-324, 2 ** 53, 0.1, 230.1),
);
const value = fc.oneof(
  { arbitrary: number.map((own) => ({ number: own, other: undefined })), weight: 4 },
  fc.string().map((other) => ({ number: NaN, other })),
  fc.array(fc.double()).map((other) => ({ number: NaN, other })),
);
const now = Date.UTC(2026, 10, 27);

/** Records of blocks of samples, of which those of one point are kept. */
const samples = (values: typeof value | typeof number): fc.Arbitrary<Sample[]> =>
  fc
    .array(
      fc.record({
        gap: fc.integer({ min: 0, max: 2 }),
        block: fc.integer({ min: 0, max: 3 }),
        index: fc.integer({ min: 0, max: 5 }),
        quality: fc.integer({ min: 0, max: 4 }),
        age: fc.oneof(fc.constant(0), fc.integer({ min: -600_000, max: 600_000 }), fc.constant(1.7e12)),
        own: values as fc.Arbitrary<number | { number: number; other: string | number[] | undefined }>,
      }),
      { maxLength: 60 },
    )
    .map((all) => {
      let record = -1;
      return all.map(({ gap, block, index, quality, age, own }) => {
        record += gap + 1;
        const received = now + record * 1000 + block * 7;
        return {
          ...{ record, block, index, received, quality, t: received - age },
          ...(typeof own === 'number' ? { number: own, other: undefined } : own),
        };
      });
    });

function tableOf(all: readonly Sample[], segment: number): Buffer {
  const builder = new BlockTableBuilder();
  const last = all.at(-1)?.record ?? -1;
  for (let record = 0; record <= last; record++) {
    builder.record({
      at: 24 + record * 110 + (record > 3 ? 55 : 0),
      end: 24 + record * 110 + 90,
      received: now + record * 1000,
    });
    for (let block = 0; block < 4; block++) builder.block(now + record * 1000 + block * 7);
  }
  return builder.bytes(segment);
}

const key = { handle: 7, segment: 3 };

function kept(all: readonly Sample[]): { bytes: Buffer; table: Buffer } {
  const point = new PointSamples(1);
  for (const { record, number, other, ...rest } of all) {
    const value = (): Sample['number'] | Sample['other'] | null => other ?? (Number.isNaN(number) ? null : number);
    point.add({ ...rest, value } as unknown as SampleReader, record);
  }
  return { bytes: encodeChunk(key, point), table: tableOf(all, key.segment) };
}

function same(all: readonly Sample[]): void {
  const { bytes, table } = kept(all);
  const read = readChunk(bytes, key, () => BlockTable.read(table, key.segment));
  if (read === undefined) throw new Error('a sound chunk was refused');
  const { record, block, index } = read.places();
  const blocks = BlockTable.read(table, key.segment)!;
  expect(read.run.n).toBe(all.length);
  for (const [i, sample] of all.entries()) {
    expect([record[i], block[i], index[i]]).toEqual([sample.record, sample.block, sample.index]);
    expect(blocks.received(sample.record, sample.block)).toBe(sample.received);
    const at = 24 + sample.record * 110;
    expect(blocks.record(sample.record)).toEqual({
      ...{ at: at + (sample.record > 3 ? 55 : 0), end: at + 90 },
      ...{ received: now + sample.record * 1000, blocks: 4 },
    });
    expect([read.run.t[i], read.run.quality[i]]).toEqual([sample.t, sample.quality]);
    // toBe tells -0 from 0 and knows NaN
    expect(read.run.number[i]).toBe(sample.number);
    expect(read.run.other?.[i]).toEqual(sample.other);
  }
}

describe('a table of blocks', () => {
  it('knows records without samples', () => {
    const builder = new BlockTableBuilder();
    builder.record({ at: 24, end: 42, received: 7 });
    builder.record({ at: 42, end: 60, received: 8 });
    builder.block(8);
    builder.block(9);
    const table = BlockTable.read(builder.bytes(1), 1)!;
    expect(table.records).toBe(2);
    expect(table.record(0)).toEqual({ at: 24, end: 42, received: 7, blocks: 0 });
    expect(table.record(1)).toEqual({ at: 42, end: 60, received: 8, blocks: 2 });
    expect(table.received(1, 1)).toBe(9);
  });
});

describe('a chunk', () => {
  it('gives samples of numbers, nulls, texts and lists back with both times and their places', () => {
    fc.assert(fc.property(samples(value), same), { numRuns: 200 });
    fc.assert(fc.property(samples(number), same), { numRuns: 200 });
  });

  it('gives the times of a point that speaks in all blocks, in all but one, and twice in one', () => {
    const often = fc.oneof({ arbitrary: fc.constant(1), weight: 5 }, fc.constantFrom(0, 2));
    const records = fc.array(fc.array(often, { maxLength: 2 }), { maxLength: 40 });
    const ages = fc.oneof(fc.constant([20]), fc.constant([0]), fc.array(fc.integer(), { minLength: 1 }));
    fc.assert(
      fc.property(records, ages, fc.constantFrom(0, 3), (all, age, index) => {
        const blocks = new BlockTableBuilder();
        const point = new PointSamples(1);
        const times: number[] = [];
        let received = now;
        for (const [record, counts] of all.entries()) {
          blocks.record({ at: 24 + record * 90, end: 100 + record * 90, received });
          for (const [block, count] of counts.entries()) {
            received += 1000;
            blocks.block(received);
            for (let k = 0; k < count; k++) {
              const t = received - age[times.length % age.length]!;
              times.push(t);
              const place = { record, block, index: index + k, received };
              point.put({ ...place, t, quality: times.length % 2, number: record, other: undefined });
            }
          }
        }
        const table = blocks.bytes(key.segment);
        const read = readChunk(encodeChunk(key, point), key, () => BlockTable.read(table, key.segment));
        expect([...read!.run.t]).toEqual(times);
        expect([...read!.run.quality]).toEqual(times.map((_, i) => (i + 1) % 2));
      }),
      { numRuns: 300 },
    );
  });

  it('never gives a wrong value for flipped bits, nor for the place of another chunk', () => {
    fc.assert(
      fc.property(samples(value), fc.nat(), fc.integer({ min: 0, max: 7 }), (all, at, bit) => {
        const { bytes, table } = kept(all);
        bytes[at % bytes.length]! ^= 1 << bit;
        expect(readChunk(bytes, key, () => BlockTable.read(table, key.segment))).toBeUndefined();
        table[at % table.length]! ^= 1 << bit;
        expect(BlockTable.read(table, key.segment)).toBeUndefined();
      }),
    );
    const { bytes, table } = kept([
      { ...{ record: 0, block: 0, index: 0, received: now }, t: now, quality: 0, number: 1, other: undefined },
    ]);
    const blocks = (): undefined => undefined;
    expect(readChunk(bytes, { ...key, handle: 8 }, blocks)).toBeUndefined();
    expect(readChunk(bytes, { ...key, segment: 4 }, blocks)).toBeUndefined();
    expect(BlockTable.read(table, 4)).toBeUndefined();
  });
});
