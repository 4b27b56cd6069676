import type { SampleReader } from '../journal/sample-reader.js';
import type { OtherValue, SampleRun } from '../history/sample-run.js';

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
    const i = this.n;
    if (i === this.t.length) this.grow();
    this.record[i] = record;
    this.block[i] = reader.block;
    this.index[i] = reader.index;
    this.received[i] = reader.received;
    this.t[i] = reader.t;
    this.quality[i] = reader.quality;
    const value = reader.value();
    this.number[i] = typeof value === 'number' ? value : NaN;
    this.n = i + 1;
    const other = typeof value === 'number' || value === null ? undefined : value;
    if (other === undefined && this.others === undefined) return;
    this.others ??= new Array<OtherValue>(i).fill(undefined);
    this.others.push(other);
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
