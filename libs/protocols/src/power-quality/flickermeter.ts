import { FlickerSeverity } from './flicker-severity.js';
import { flickerFilter } from './flicker-weighting.js';
import type { Setting } from './options.js';

/** Time constant of the voltage that changes are related to (IEC 61000-4-15, block 1: a step is followed in a minute). */
const ADAPTION_S = 27.3;
/** Pinst is classified so many times a second; block 4 leaves nothing faster. */
const CLASSIFIED_HZ = 250;
/** s after its first sample from which a flickermeter is to be believed. */
const SETTLING_S = 40;
/** Where numbers stand behind those of the filter. */
const LEVEL = 0;
const SMOOTHED = 1;
const KEPT = 2;

/**
 * Flickermeter of one voltage (IEC 61000-4-15), for lamps of 230 V. What the sample rate limits: products of harmonics near the sample rate fold
 * into the band of flicker, at 2,600 Hz those of orders that add up to 52 ± 1, which the meter's own filter keeps out.
 */
export class Flickermeter {
  /** The largest Pinst since `take`. */
  peak = 0;
  private readonly severity = new FlickerSeverity();
  /** Two numbers of each section of the filter, then the level and what block 4 has. */
  private readonly state: Float64Array;
  private readonly coefficients: Float64Array;
  private readonly adaption: number;
  private readonly smoothing: number;
  private readonly scale: number;
  private readonly every: number;
  private readonly settling: number;
  private seen = 0;
  private untilNext: number;
  private isWhole = false;

  constructor(setting: Setting) {
    const { rate } = setting;
    const { sections, smoothing, scale } = flickerFilter(setting);
    this.coefficients = Float64Array.from(sections.flat());
    this.state = new Float64Array(2 * sections.length + KEPT);
    this.smoothing = smoothing;
    this.scale = scale;
    this.adaption = 1 / (rate * ADAPTION_S);
    this.every = Math.round(rate / CLASSIFIED_HZ);
    this.untilNext = this.every;
    this.settling = SETTLING_S * rate;
  }

  /** Takes the samples `from` … `to` - 1. */
  push(samples: Float64Array, from: number, to: number): void {
    if (this.seen === 0) this.begin(samples, from, to);
    for (let at = from; at < to;) {
      const next = Math.min(to, at + this.untilNext);
      this.run(samples, at, next);
      this.seen += next - at;
      this.untilNext -= next - at;
      at = next;
      if (this.untilNext === 0) this.classify();
    }
  }

  /** Pst since the last call; NaN where the meter had not settled for the whole of it. */
  take(): number {
    const severity = this.severity.take();
    const wasWhole = this.isWhole;
    this.isWhole = this.seen >= this.settling;
    this.peak = 0;
    return wasWhole ? severity : NaN;
  }

  /** Begins anew after a loss of samples. */
  restart(): void {
    this.seen = 0;
    this.isWhole = false;
    this.state.fill(0);
  }

  /** Blocks 1 to 4. */
  private run(samples: Float64Array, from: number, to: number): void {
    const { state, coefficients, adaption, smoothing } = this;
    const sections = state.length - KEPT;
    let level = state[sections + LEVEL]!;
    let smoothed = state[sections + SMOOTHED]!;
    for (let n = from; n < to; n++) {
      const square = samples[n]! * samples[n]!;
      level += adaption * (square - level);
      // without the mean there is less to settle
      let x = level > 0 ? square / level - 1 : 0;
      for (let k = 0, c = 0; k < sections; k += 2, c += 5) {
        const y = coefficients[c]! * x + state[k]!;
        state[k] = coefficients[c + 1]! * x - coefficients[c + 3]! * y + state[k + 1]!;
        state[k + 1] = coefficients[c + 2]! * x - coefficients[c + 4]! * y;
        x = y;
      }
      smoothed += smoothing * (x * x - smoothed);
    }
    state[sections + LEVEL] = level;
    state[sections + SMOOTHED] = smoothed;
  }

  private classify(): void {
    this.untilNext = this.every;
    if (this.seen < this.settling) return;
    const sensation = this.state[this.state.length - KEPT + SMOOTHED]! * this.scale;
    this.severity.add(sensation);
    if (sensation > this.peak) this.peak = sensation;
  }

  /** The level begins with that of the first samples. */
  private begin(samples: Float64Array, from: number, to: number): void {
    let sum = 0;
    for (let n = from; n < to; n++) sum += samples[n]! * samples[n]!;
    this.state[this.state.length - KEPT + LEVEL] = sum / (to - from);
  }
}
