import { SampleBatch } from '@smx-edge/model';
import * as fc from 'fast-check';
import { FRAME_HEAD, FrameWalker, sealFrame } from './frame.js';
import { SampleEncoder } from './sample-encoder.js';
import { SampleReader } from './sample-reader.js';
import { fold, unfold, writeVarint } from './varint.js';

interface Plain {
  handle: number;
  t: number;
  quality: number;
  value: number | string | readonly number[] | null;
}

interface PlainBatch {
  received: number;
  samples: Plain[];
}

function fill(batch: SampleBatch, { received, samples }: PlainBatch): SampleBatch {
  batch.clear(received);
  for (const { handle, t, quality, value } of samples) {
    const i = batch.add(handle);
    batch.t[i] = t;
    batch.quality[i] = quality;
    if (typeof value === 'number') batch.number[i] = value;
    else if (value !== null) batch.other.set(i, value);
  }
  return batch;
}

type Decoded = Plain & { received: number };

/** What a reader finds, with the place of each in the record. */
function found(record: Buffer, next: (reader: SampleReader) => boolean): (Decoded & { place: number[] })[] {
  const reader = new SampleReader();
  const all = [];
  reader.open(record, FRAME_HEAD, record.length);
  while (next(reader)) {
    const { handle, t, quality, received, block, index } = reader;
    all.push({ handle, t, quality, received, value: reader.value(), place: [block, index] });
  }
  return all;
}

const decode = (record: Buffer): Decoded[] =>
  found(record, (reader) => reader.next()).map(({ handle, t, quality, received, value }) => ({
    ...{ handle, t, quality, received, value },
  }));

const time = fc.oneof(fc.integer({ min: 1.7e12, max: 1.8e12 }), fc.integer({ min: 0, max: 4e12 }), fc.constant(0));
const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 4 })).map(([m, e]) => m / 10 ** e);
const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  decimal,
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, 0.1, 0.3, 2 ** 51, -(2 ** 51), 2 ** 53, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, null),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.array(fc.double(), { maxLength: 20 }),
);
const plain: fc.Arbitrary<Plain> = fc.record({
  handle: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  t: time,
  quality: fc.integer({ min: 0, max: 4 }),
  value,
});
const batches = fc.array(fc.record({ received: time, samples: fc.array(plain, { maxLength: 30 }) }), { maxLength: 10 });

describe('samples in a record', () => {
  it('come back as they went in: every double, -0, null, texts, lists, qualities and times', () => {
    const batch = new SampleBatch();
    const encoder = new SampleEncoder(64);
    fc.assert(
      fc.property(batches, (all) => {
        for (const one of all) expect(encoder.add(fill(batch, one))).toBe(one.samples.length);
        const expected = all.flatMap(({ received, samples }) => samples.map((sample) => ({ ...sample, received })));
        const record = encoder.take();
        expect(record === undefined ? [] : decode(record)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('are found of some points as they are among all', () => {
    const batch = new SampleBatch();
    const encoder = new SampleEncoder(64);
    const handles = fc.tuple(fc.integer({ min: 0, max: 320 }), fc.integer({ min: 0, max: 320 }));
    fc.assert(
      fc.property(batches, handles, (all, [first, last]) => {
        for (const one of all) encoder.add(fill(batch, one));
        const record = encoder.take();
        if (record === undefined) return;
        const some = found(record, (reader) => reader.nextOf(first, last));
        const among = found(record, (reader) => reader.next());
        expect(some).toEqual(among.filter(({ handle }) => handle >= first && handle <= last));
      }),
      { numRuns: 500 },
    );
  });

  it('are handed over in parts where they do not fit into one record', () => {
    const encoder = new SampleEncoder(64);
    const samples = Array.from({ length: 400 }, (_, i) => ({ handle: i, t: 5, quality: 0, value: 'x'.repeat(8000) }));
    const batch = fill(new SampleBatch(), { received: 5, samples });
    const parts: Buffer[] = [];
    for (let from = 0; from < batch.n;) {
      const next = encoder.add(batch, from);
      if (next === from) parts.push(encoder.take()!);
      from = next;
    }
    parts.push(encoder.take()!);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.flatMap(decode).map(({ handle }) => handle)).toEqual(samples.map(({ handle }) => handle));
  });

  it('take few bytes where a meter sends decimals each second', () => {
    const encoder = new SampleEncoder();
    const batch = new SampleBatch();
    for (let s = 0; s < 100; s++)
      encoder.add(
        fill(batch, {
          received: 1.79e12 + s * 1000 + 40,
          samples: Array.from({ length: 20 }, (_, i) => ({
            handle: i + 1,
            t: 1.79e12 + s * 1000,
            quality: 0,
            value: 2301 + i / 10,
          })),
        }),
      );
    expect(encoder.take()!.length / 2000).toBeLessThan(7);
  });

  it('bring integers through varints up to 2^52 either way', () => {
    const bytes = Buffer.alloc(FRAME_HEAD + 8 + 100);
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const half = Math.trunc(n / 2) + 0; // never a negative zero
        expect(unfold(fold(half))).toBe(half === 0 ? 0 : half);
        const end = writeVarint(bytes, 0, Math.abs(n));
        expect(end).toBeLessThanOrEqual(8);
        let back = 0;
        for (let i = end - 1; i >= 0; i--) back = back * 128 + (bytes[i]! & 0x7f);
        expect(back).toBe(Math.abs(n));
      }),
    );
  });
});

describe('frames', () => {
  const frame = (size: number, fillWith: number): Buffer => {
    const bytes = Buffer.alloc(FRAME_HEAD + size, fillWith);
    sealFrame(bytes, size);
    return bytes;
  };
  const walk = (bytes: Buffer): { found: number[]; walker: FrameWalker } => {
    const walker = new FrameWalker(bytes, 0);
    const found: number[] = [];
    while (walker.next()) found.push(walker.start - FRAME_HEAD);
    return { found, walker };
  };
  const three = [frame(40, 1), frame(7, 0xa5), frame(300, 0x5a)];
  const starts = [0, 50, 67];
  const whole = Buffer.concat(three);

  it('end at the last whole one wherever the tail is torn', () => {
    for (let cut = 0; cut <= whole.length; cut++)
      for (const spare of [0, 64]) {
        const { found, walker } = walk(Buffer.concat([whole.subarray(0, cut), Buffer.alloc(spare)]));
        const sound = starts.filter((start, i) => start + three[i]!.length <= cut);
        expect(found).toEqual(sound);
        const used = sound.length === 0 ? 0 : starts[sound.length - 1]! + three[sound.length - 1]!.length;
        expect(walker.used).toBe(used);
        expect(walker.damaged.length).toBe(cut === used ? 0 : 1);
      }
  });

  it('never give a changed byte for a sound one, and lose no other frame to it', () => {
    for (let at = 0; at < whole.length; at++)
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= flip;
        const hit = starts.findIndex((start, i) => at >= start && at < start + three[i]!.length);
        const { found, walker } = walk(bytes);
        expect(found).toEqual(starts.filter((_, i) => i !== hit));
        expect(walker.damaged).toHaveLength(1);
      }
  });

  it('are found again behind a zeroed page and behind garbage', () => {
    const bytes = Buffer.concat([
      three[0]!,
      Buffer.alloc(4096),
      three[1]!,
      Buffer.alloc(77, 0xa5),
      three[2]!,
      Buffer.alloc(9),
    ]);
    const { found, walker } = walk(bytes);
    expect(found).toHaveLength(3);
    expect(walker.damaged).toHaveLength(2);
    expect(walker.used).toBe(bytes.length - 9);
  });

  it('never come out of random bytes, nor hang on them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(walk(Buffer.from(bytes)).found).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
