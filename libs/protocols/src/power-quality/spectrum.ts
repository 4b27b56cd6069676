import type { Span } from './basic-window.js';
import { Fft } from './fft.js';
import { droopAt, KERNEL, rowOf, TAPS } from './interpolation.js';
import { ordersOf, type Setting } from './options.js';
import { CURRENT_1, type SampleStore } from './sample-store.js';
import { SpectralGroups } from './spectral-groups.js';
import type { Values } from './values.js';

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
  private readonly groups: SpectralGroups;
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
    this.groups = new SpectralGroups(orders * windowCycles + 2, windowCycles);
    this.gain = new Float64Array(this.groups.lines.length);
  }

  /** Writes orders, what lies between them and distortion of every channel of the span `start` … `end` into `values`. */
  measure(values: Values, store: SampleStore, span: Span): void {
    const { phases, windowCycles } = this.setting;
    values.orders = Math.min(this.setting.orders, ordersOf(span.end - span.start, windowCycles));
    this.place(store, span);
    for (let k = 0; k < phases; k++) {
      this.interpolate(store.channels[k]!, this.real);
      this.interpolate(store.channels[CURRENT_1 + k]!, this.imaginary);
      this.fft.transform(this.real, this.imaginary);
      this.gather(1);
      this.groups.write(values.row, k, values.orders);
      this.gather(-1);
      this.groups.write(values.row, CURRENT_1 + k, values.orders);
    }
  }

  private place(store: SampleStore, span: Span): void {
    const start = span.start - store.base;
    const samples = span.end - span.start;
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

  /** Mean squares of lines of the voltage, the part of the pair that is even, or of the current (`sign` -1), the one that is odd. */
  private gather(sign: 1 | -1): void {
    const { real, imaginary, gain } = this;
    const { lines } = this.groups;
    for (let k = 0; k < lines.length; k++) {
      const mirror = (real.length - k) % real.length;
      const r = real[k]! + sign * real[mirror]!;
      const i = imaginary[k]! - sign * imaginary[mirror]!;
      lines[k] = (r * r + i * i) * gain[k]! * gain[k]!;
    }
    // all of the direct part is in one line, of each other line half is at the negative frequency
    lines[0]! /= 2;
  }
}
