import type { SampleReader } from '../journal/sample-reader.js';
import type { OtherValue, SampleRun } from '../history/sample-run.js';

/** A sample with its place in the segment: which record, which block of that, which sample of that, from 0. */
interface PlacedSample {
  readonly record: number;
  readonly block: number;
  readonly index: number;
  readonly received: number;
  readonly t: number;
  readonly quality: number;
  readonly number: number;
  readonly other: OtherValue;
}

/**
 * Samples of one point out of one segment in commit order. Where each stands in the segment (which record, which block of
 * that, which sample of that, from 0) is kept, so that the very records can be given again.
 */
export class PointSamples {
  n = 0;
  record: Float64Array;
  block: Float64Array;
  index: Float64Array;
  /** Receive times, ms UTC. */
  received: Float64Array;
  t: Float64Array;
  quality: Uint8Array;
  number: Float64Array;
  private others: OtherValue[] | undefined;

  constructor(capacity = 1024) {
    this.record = new Float64Array(capacity);
    this.block = new Float64Array(capacity);
    this.index = new Float64Array(capacity);
    this.received = new Float64Array(capacity);
    this.t = new Float64Array(capacity);
    this.quality = new Uint8Array(capacity);
    this.number = new Float64Array(capacity);
  }

  /** Takes the sample that `reader` stands at, of record number `record`. */
  add(reader: SampleReader, record: number): void {
    const { block, index, received, t, quality } = reader;
    const value = reader.value();
    const number = typeof value === 'number' ? value : NaN;
    const other = typeof value === 'number' || value === null ? undefined : value;
    this.put({ record, block, index, received, t, quality, number, other });
  }

  put(sample: PlacedSample): void {
    const i = this.n;
    if (i === this.t.length) this.grow();
    this.record[i] = sample.record;
    this.block[i] = sample.block;
    this.index[i] = sample.index;
    this.received[i] = sample.received;
    this.t[i] = sample.t;
    this.quality[i] = sample.quality;
    this.number[i] = sample.number;
    this.n = i + 1;
    if (sample.other === undefined && this.others === undefined) return;
    this.others ??= new Array<OtherValue>(i).fill(undefined);
    this.others.push(sample.other);
  }

  /** The samples without their places, sharing the columns. */
  run(): SampleRun {
    const { n, t, quality, number, others } = this;
    return {
      n,
      t: t.subarray(0, n),
      quality: quality.subarray(0, n),
      number: number.subarray(0, n),
      ...(others === undefined ? {} : { other: others }),
    };
  }

  private grow(): void {
    const capacity = this.t.length * 2;
    const wider = (column: Float64Array): Float64Array => {
      const grown = new Float64Array(capacity);
      grown.set(column);
      return grown;
    };
    this.record = wider(this.record);
    this.block = wider(this.block);
    this.index = wider(this.index);
    this.received = wider(this.received);
    this.t = wider(this.t);
    this.number = wider(this.number);
    const quality = new Uint8Array(capacity);
    quality.set(this.quality);
    this.quality = quality;
  }
}
