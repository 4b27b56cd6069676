import { GOOD } from './quality.js';

/**
 * Samples in columns, reused from batch to batch so that the hot path allocates nothing per sample.
 * Valid indices are 0 … n-1; a listener that keeps data beyond its call must copy it.
 */
export class SampleBatch {
  n = 0;
  /** Receive time of the whole batch, ms UTC. */
  received = 0;
  handle: Int32Array;
  /** Value of `number`, `time` and `boolean` (0, 1) points; NaN = null. */
  number: Float64Array;
  /** Source time, ms UTC. */
  t: Float64Array;
  quality: Uint8Array;
  /** Value of `string` and `numbers` points by index; null = null; absent for the other types. */
  readonly other = new Map<number, string | readonly number[] | null>();
  /** Why a value is null or not good, by index. */
  readonly reason = new Map<number, string>();

  constructor(capacity = 64) {
    this.handle = new Int32Array(capacity);
    this.number = new Float64Array(capacity);
    this.t = new Float64Array(capacity);
    this.quality = new Uint8Array(capacity);
  }

  clear(received: number): void {
    this.n = 0;
    this.received = received;
    if (this.other.size > 0) this.other.clear();
    if (this.reason.size > 0) this.reason.clear();
  }

  /** Appends a null sample of good quality at the batch's receive time and returns its index, for the caller to fill. */
  add(handle: number): number {
    const i = this.n;
    if (i === this.handle.length) this.grow();
    this.handle[i] = handle;
    this.number[i] = NaN;
    this.t[i] = this.received;
    this.quality[i] = GOOD;
    this.n = i + 1;
    return i;
  }

  private grow(): void {
    const capacity = this.handle.length * 2;
    const { handle, number, t, quality } = this;
    (this.handle = new Int32Array(capacity)).set(handle);
    (this.number = new Float64Array(capacity)).set(number);
    (this.t = new Float64Array(capacity)).set(t);
    (this.quality = new Uint8Array(capacity)).set(quality);
  }
}
