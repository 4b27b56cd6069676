import { Noise } from './noise.js';

const { max, min } = Math;

const MINUTE = 60_000;

/** Clouds over the house: noise of days, hours and minutes. */
export class Sky {
  private readonly clouds: Noise;

  constructor(seed: number) {
    this.clouds = new Noise(seed, 'clouds');
  }

  /** Share of the direct beam that comes through at `t` (ms UTC), 0.05 … 1. */
  clearness(t: number): number {
    const weather = this.clouds.smooth(t / (1440 * MINUTE));
    const hours = this.clouds.smooth(1e7 + t / (90 * MINUTE));
    const passing = this.clouds.smooth(2e7 + t / (4 * MINUTE));
    const cover = 0.62 - 0.5 * weather + 0.35 * hours + 0.3 * passing;
    return min(1, max(0.05, 1.2 - 1.1 * cover));
  }
}
