import { Noise } from './noise.js';

const { PI, cos } = Math;

const DAY = 86_400_000;

/** Outdoor temperature of a temperate coast: season, time of day, weather of some days. */
export class Weather {
  private readonly noise: Noise;

  constructor(seed: number) {
    this.noise = new Noise(seed, 'weather');
  }

  /** Cel at `t` (ms UTC). */
  outdoors(t: number): number {
    // coldest around 20 January and at 5 UTC
    const season = -cos((2 * PI * (t / DAY - 19)) / 365.2425);
    const hour = -cos((2 * PI * (t / DAY - 5 / 24)) / 1);
    return (
      10.5 + 7.5 * season + 3 * hour + 4 * this.noise.smooth(t / (3 * DAY)) + 1.5 * this.noise.smooth(1e5 + t / DAY)
    );
  }
}
