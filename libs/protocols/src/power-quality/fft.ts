/** Discrete Fourier transform of complex values in place; the length is a power of two. */
export class Fft {
  readonly length: number;
  private readonly cosine: Float64Array;
  private readonly sine: Float64Array;
  private readonly swap: Uint16Array;

  constructor(length: number) {
    this.length = length;
    this.cosine = Float64Array.from({ length: length / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.sine = Float64Array.from({ length: length / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
    this.swap = new Uint16Array(length);
    for (let i = 1; i < length; i++) this.swap[i] = (this.swap[i >> 1]! >> 1) | (i & 1 ? length / 2 : 0);
  }

  /** Where the value of index `i` must be put before `transform`: bits in reverse. */
  get order(): Uint16Array {
    return this.swap;
  }

  /** Values in the order of `order`; the result is in natural order, not scaled. */
  transform(real: Float64Array, imaginary: Float64Array): void {
    this.firstTwo(real, imaginary);
    const { length, cosine, sine } = this;
    for (let half = 4; half < length; half *= 2) {
      const stride = length / (2 * half);
      for (let start = 0; start < length; start += 2 * half) {
        for (let k = 0, turn = 0; k < half; k++, turn += stride) {
          const a = start + k;
          const b = a + half;
          const c = cosine[turn]!;
          const s = sine[turn]!;
          const r = real[b]! * c - imaginary[b]! * s;
          const i = real[b]! * s + imaginary[b]! * c;
          real[b] = real[a]! - r;
          imaginary[b] = imaginary[a]! - i;
          real[a]! += r;
          imaginary[a]! += i;
        }
      }
    }
  }

  /** The first two stages, which need no product. */
  private firstTwo(real: Float64Array, imaginary: Float64Array): void {
    for (let k = 0; k < this.length; k += 4) {
      const r0 = real[k]! + real[k + 1]!;
      const i0 = imaginary[k]! + imaginary[k + 1]!;
      const r1 = real[k]! - real[k + 1]!;
      const i1 = imaginary[k]! - imaginary[k + 1]!;
      const r2 = real[k + 2]! + real[k + 3]!;
      const i2 = imaginary[k + 2]! + imaginary[k + 3]!;
      const r3 = real[k + 2]! - real[k + 3]!;
      const i3 = imaginary[k + 2]! - imaginary[k + 3]!;
      real[k] = r0 + r2;
      imaginary[k] = i0 + i2;
      real[k + 2] = r0 - r2;
      imaginary[k + 2] = i0 - i2;
      real[k + 1] = r1 + i3;
      imaginary[k + 1] = i1 - r3;
      real[k + 3] = r1 - i3;
      imaginary[k + 3] = i1 + r3;
    }
  }
}
