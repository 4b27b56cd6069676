/**
 * Band-pass of the fundamental without delay: cosine of the nominal frequency under a Hann window of two cycles. Its zeros lie on
 * DC and every multiple of the nominal frequency but the first, so that harmonics cannot make crossings (IEC 61000-4-30 §5.1.1).
 */
export class MainsFilter {
  /** Samples on either side of the one it is asked for. */
  readonly reach: number;
  /** What the last `look` saw. */
  value = NaN;
  private readonly taps: Float64Array;

  constructor(rate: number, nominal: number) {
    this.reach = Math.round(rate / nominal);
    this.taps = new Float64Array(this.reach + 1);
    let gain = 0;
    for (let k = 0; k <= this.reach; k++) {
      const wave = Math.cos((2 * Math.PI * k * nominal) / rate);
      this.taps[k] = Math.cos((Math.PI * k) / (2 * this.reach)) ** 2 * wave;
      gain += (k === 0 ? 1 : 2) * this.taps[k]! * wave;
    }
    for (let k = 0; k <= this.reach; k++) this.taps[k]! /= gain;
  }

  /** Sets `value` to the fundamental at one index; `reach` samples must stand on either side. */
  look(samples: Float64Array, index: number): void {
    const { taps, reach } = this;
    let sum = taps[0]! * samples[index]!;
    for (let k = 1; k <= reach; k++) sum += taps[k]! * (samples[index - k]! + samples[index + k]!);
    this.value = sum;
  }
}
