import { Fft } from './fft.js';
import { droopAt, KERNEL, rowOf, TAPS } from './interpolation.js';
import { ordersOf, type Setting } from './options.js';
import { CURRENT_1, type SampleStore } from './sample-store.js';
import { SPECTRUM, type Values } from './values.js';

const LARGEST = 4096;

/**
 * Harmonics of one window. A window of exactly 10 or 12 cycles is no whole number of samples: it is interpolated to a power of two of
 * points, so that the lines of the transform are 5 Hz apart and stand on the harmonics (IEC 61000-4-7 §4.4.1).
 */
export class Spectrum {
  private readonly fft: Fft;
  private readonly real: Float64Array;
  private readonly imaginary: Float64Array;
  /** Of each point: the index of its first sample after that of the window, and of its taps. */
  private readonly sample: Int32Array;
  private readonly taps: Int32Array;
  private readonly gain: Float64Array;
  private readonly setting: Setting;

  constructor(setting: Setting) {
    const { rate, nominal, windowCycles, orders } = setting;
    const least = Math.max(1.2 * ((rate * windowCycles) / nominal), 2 * (orders * windowCycles + 2));
    const points = Math.min(LARGEST, 2 ** Math.max(10, Math.ceil(Math.log2(least))));
    this.setting = setting;
    this.fft = new Fft(points);
    this.real = new Float64Array(points);
    this.imaginary = new Float64Array(points);
    this.sample = new Int32Array(points);
    this.taps = new Int32Array(points);
    this.gain = new Float64Array(orders * windowCycles + 2);
  }

  /** Writes orders and distortion of every channel of the span `start` … `end` into `values`. */
  measure(values: Values, store: SampleStore, span: { readonly start: number; readonly end: number }): void {
    const { phases, windowCycles } = this.setting;
    const samples = span.end - span.start;
    values.orders = Math.min(this.setting.orders, ordersOf(samples, windowCycles));
    this.place(span.start - store.base, samples);
    for (let k = 0; k < phases; k++) {
      this.interpolate(store.channels[k]!, this.real);
      this.interpolate(store.channels[CURRENT_1 + k]!, this.imaginary);
      this.fft.transform(this.real, this.imaginary);
      this.write(values, k);
    }
  }

  private place(start: number, samples: number): void {
    const points = this.fft.length;
    const step = samples / points;
    for (let m = 0; m < points; m++) {
      const at = start + m * step;
      const before = Math.floor(at);
      this.sample[m] = before - TAPS / 2 + 1;
      this.taps[m] = rowOf(at - before);
    }
    const scale = Math.SQRT2 / points / 2;
    for (let k = 0; k < this.gain.length; k++) this.gain[k] = scale / droopAt(Math.min(0.5, k / samples));
  }

  private interpolate(channel: Float64Array, into: Float64Array): void {
    const { sample, taps } = this;
    const { order, length } = this.fft;
    for (let m = 0; m < length; m++) {
      const at = sample[m]!;
      const row = taps[m]!;
      let sum = 0;
      for (let k = 0; k < TAPS; k++) sum += KERNEL[row + k]! * channel[at + k]!;
      into[order[m]!] = sum;
    }
  }

  private write(values: Values, phase: number): void {
    const voltage = values.voltageHarmonics[phase]!;
    const current = values.currentHarmonics[phase]!;
    let voltages = 0;
    let currents = 0;
    for (let order = 0; order < SPECTRUM; order++) {
      voltage[order] = order > values.orders ? NaN : Math.sqrt(this.subgroup(order, 1));
      current[order] = order > values.orders ? NaN : Math.sqrt(this.subgroup(order, -1));
      if (order < 2 || order > values.orders) continue;
      voltages += voltage[order]! ** 2;
      currents += current[order]! ** 2;
    }
    // THDS: subgroups over that of the fundamental, up to the highest order told (IEC 61000-4-7 §3.3.3)
    values.voltageDistortion[phase] = Math.sqrt(voltages) / voltage[1]!;
    values.currentDistortion[phase] = Math.sqrt(currents) / current[1]!;
  }

  /** Mean square of an order: the line and its two neighbours (IEC 61000-4-7 §5.6, formula 9). Of order 0 the line alone. */
  private subgroup(order: number, sign: 1 | -1): number {
    if (order === 0) return this.line(0, sign) / 2;
    const middle = order * this.setting.windowCycles;
    return this.line(middle - 1, sign) + this.line(middle, sign) + this.line(middle + 1, sign);
  }

  /** Mean square of one line; the voltage is the part of the pair that is even, the current (`sign` -1) the one that is odd. */
  private line(k: number, sign: 1 | -1): number {
    const { real, imaginary, gain } = this;
    const mirror = (real.length - k) % real.length;
    const r = real[k]! + sign * real[mirror]!;
    const i = imaginary[k]! - sign * imaginary[mirror]!;
    return (r * r + i * i) * gain[k]! ** 2;
  }
}
