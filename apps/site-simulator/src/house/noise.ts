const { floor, imul } = Math;

/**
 * Noise as a pure function of seed, stream and place: the house needs no generator state, so any start date gives the
 * same day as a run that came through it.
 */
export class Noise {
  private readonly key: number;

  /** `stream` keeps the noise of one appliance apart from that of another under the same seed. */
  constructor(seed: number, stream: string) {
    let key = imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    for (let i = 0; i < stream.length; i++) key = imul(key ^ stream.charCodeAt(i), 0x01000193);
    this.key = key;
  }

  /** Uniform in [0, 1) for a whole number `n`. */
  at(n: number): number {
    let h = this.key ^ imul(n | 0, 0x27d4eb2d) ^ imul(floor(n / 2 ** 32) | 0, 0x165667b1);
    h = imul(h ^ (h >>> 15), 0x85ebca6b);
    h = imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  }

  /** Uniform between `low` and `high`. */
  between(n: number, low: number, high: number): number {
    return low + (high - low) * this.at(n);
  }

  /** Continuous in x, -1 … 1: smooth interpolation between the noise of the whole numbers around x. */
  smooth(x: number): number {
    const n = floor(x);
    const f = x - n;
    const w = f * f * (3 - 2 * f);
    return 2 * (this.at(n) * (1 - w) + this.at(n + 1) * w) - 1;
  }
}
