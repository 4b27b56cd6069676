import type { S1Format } from '@smx-edge/protocols/s1';
import type { House } from '../house/index.js';
import { secondOf, type HouseSecond } from './house-second.js';
import type { Wave } from './wave.js';

export interface SamplerOptions {
  readonly house: House;
  readonly wave: Wave;
  readonly format: S1Format;
  /** A second of the house begins in the wave at a sample. */
  readonly onSecond: (second: HouseSecond, sample: number) => void;
}

/** ms by which sums of intervals may fall short of a whole second. */
const HAIR = 1e-6;

/** Takes the samples of the house when they are due. The wave of a second is of what the house's other meters tell at its begin. */
export class Sampler {
  /** Samples taken so far. */
  count = 0;
  /** Seconds of the house that the wave has not come to. */
  private readonly waiting: HouseSecond[] = [];
  /** ms UTC from which `time` counts; UTC itself has no room for parts of a ms. */
  private origin = NaN;
  /** Of the next sample, ms. */
  private time = 0;

  constructor(private readonly o: SamplerOptions) {
    o.house.household.itemise();
    o.house.observe(() => {
      if (!Number.isNaN(this.origin)) this.waiting.push(secondOf(o.house));
    });
  }

  /** ms UTC of the next sample. */
  get t(): number {
    return this.origin + this.time;
  }

  /** ms from one sample to the next. */
  get interval(): number {
    const { samplesPerSecond, samplesPerPeriod } = this.o.format;
    return 1000 / (samplesPerSecond ?? (samplesPerPeriod ?? 1) * this.o.wave.sample.frequency);
  }

  /** Samples due by `to`, ms UTC, as far as one can tell now. */
  due(to: number): number {
    return Number.isNaN(this.origin) ? 0 : Math.max(0, Math.ceil((to - this.t) / this.interval));
  }

  /** ms UTC by which so many samples are due; undefined before the begin. */
  latest(samples: number): number | undefined {
    return Number.isNaN(this.origin) ? undefined : this.t + samples * this.interval;
  }

  /** Takes those due by `to`, ms UTC, and calls `take` after each. */
  run(to: number, take: () => void): void {
    if (Number.isNaN(this.origin)) this.start(to);
    const { wave } = this.o;
    const end = to - this.origin - HAIR;
    while (this.time < end) {
      const next = this.waiting[0];
      const second = next === undefined ? Infinity : next.t - this.origin - HAIR;
      if (next !== undefined && second <= this.time) {
        this.waiting.shift();
        this.begin(next);
        continue;
      }
      const interval = this.interval;
      const until = Math.min(end, second);
      while (this.time < until) {
        wave.next(this.count, interval);
        take();
        this.time += interval;
        this.count++;
      }
    }
  }

  private start(t: number): void {
    this.origin = t;
    this.begin({ ...secondOf(this.o.house), t });
  }

  private begin(second: HouseSecond): void {
    this.o.wave.begin(second);
    this.o.onSecond(second, this.count);
  }
}
