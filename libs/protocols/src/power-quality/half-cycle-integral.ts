import type { HalfCycle } from './crossings.js';
import { CURRENT_1, NEUTRAL, type SampleStore } from './sample-store.js';
import type { SpanSums } from './span-sums.js';

/** Longest half cycle it can take, in samples: 16,000 samples per second at 42.5 Hz. */
const LONGEST = 256;

/** Integrates half cycles of the store by the trapezoid rule, with linear interpolation between samples at both edges. */
export class HalfCycleIntegral {
  private readonly weight = new Float64Array(LONGEST);
  private readonly cosine = new Float64Array(LONGEST);
  private readonly sine = new Float64Array(LONGEST);
  private readonly store: SampleStore;
  private readonly phases: number;
  /** Index of the sample before the half cycle; samples up to the one after it. */
  private first = 0;
  private count = 0;

  constructor(store: SampleStore, phases: number) {
    this.store = store;
    this.phases = phases;
  }

  measure(into: SpanSums, half: HalfCycle): void {
    const { store } = this;
    into.clear();
    into.length = half.to - half.from;
    this.prepare(half);
    for (let phase = 0; phase < this.phases; phase++) this.take(into, phase);
    if (store.hasNeutral) this.takeNeutral(into);
    into.lost = store.lostBetween(half);
    into.isRepeated = store.isRepeated(half);
  }

  /** Weights of the samples, and the fundamental at each: its phase goes from 0 to π, or to 2π where a cycle ends. */
  private prepare({ from, to, isRising }: HalfCycle): void {
    const { weight, cosine, sine } = this;
    const first = Math.floor(from);
    const last = Math.floor(to);
    const count = Math.min(last - first + 2, LONGEST);
    const x = from - first;
    const y = to - last;
    weight.fill(1, 0, count);
    weight[0] = (1 - x) ** 2 / 2;
    weight[1] = 1 - x ** 2 / 2;
    weight[count - 2] = 0.5 + y - y ** 2 / 2;
    weight[count - 1] = y ** 2 / 2;
    const step = Math.PI / (to - from);
    const turnCos = Math.cos(step);
    const turnSin = Math.sin(step);
    let c = Math.cos(-x * step) * (isRising ? -1 : 1);
    let s = Math.sin(-x * step) * (isRising ? -1 : 1);
    for (let k = 0; k < count; k++) {
      cosine[k] = c * weight[k]!;
      sine[k] = s * weight[k]!;
      const turned = c * turnCos - s * turnSin;
      s = s * turnCos + c * turnSin;
      c = turned;
    }
    this.first = first - this.store.base;
    this.count = count;
  }

  private take(into: SpanSums, phase: number): void {
    const { weight, cosine, sine, first, count } = this;
    const u = this.store.channels[phase]!;
    const i = this.store.channels[CURRENT_1 + phase]!;
    let uu = 0;
    let ii = 0;
    let ui = 0;
    let uc = 0;
    let us = 0;
    let ic = 0;
    let is = 0;
    for (let k = 0; k < count; k++) {
      const v = u[first + k]!;
      const a = i[first + k]!;
      const w = weight[k]!;
      uu += w * v * v;
      ii += w * a * a;
      ui += w * v * a;
      uc += cosine[k]! * v;
      us += sine[k]! * v;
      ic += cosine[k]! * a;
      is += sine[k]! * a;
    }
    into.square[phase] = uu;
    into.square[CURRENT_1 + phase] = ii;
    into.power[phase] = ui;
    into.real[phase] = uc;
    into.imaginary[phase] = -us;
    into.real[CURRENT_1 + phase] = ic;
    into.imaginary[CURRENT_1 + phase] = -is;
  }

  private takeNeutral(into: SpanSums): void {
    const { weight, first, count } = this;
    const channel = this.store.channels[NEUTRAL]!;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += weight[k]! * channel[first + k]! * channel[first + k]!;
    into.square[NEUTRAL] = sum;
  }
}
