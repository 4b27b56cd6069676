import { Noise } from '../house/index.js';

/** Pauses before a station dials again: the least and a part by chance, doubled each time up to the most (2.1 part 4 §5.4). */
export class BackOff {
  private readonly noise: Noise;
  private tries = 0;
  private drawn = 0;

  constructor(
    seed: number,
    private readonly range: { readonly least: number; readonly most: number },
  ) {
    this.noise = new Noise(seed, 'back-off');
  }

  /** ms */
  next(): number {
    const { least, most } = this.range;
    const base = Math.min(most, least * 2 ** Math.min(this.tries++, 20));
    return base * (1 + 0.25 * this.noise.at(this.drawn++));
  }

  reset(): void {
    this.tries = 0;
  }
}
