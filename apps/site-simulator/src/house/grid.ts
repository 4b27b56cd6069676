import type { PhasePower } from './load.js';
import { Noise } from './noise.js';

const { sqrt } = Math;

/** Impedance of the way to the transformer, ohm: what the house takes lowers its voltage, what it injects raises it. */
const RESISTANCE = 0.22;

/** The three phases at the connection: voltages that answer to load and the currents that follow. */
export class Grid {
  /** V to neutral. */
  readonly voltage = new Float64Array(3);
  /** A, without sign. */
  readonly current = new Float64Array(3);
  private readonly noise: Noise;

  constructor(seed: number) {
    this.noise = new Noise(seed, 'grid');
  }

  update(t: number, power: PhasePower): void {
    // the street's own evening load and a tap changer far away
    const street = 2.5 * this.noise.smooth(t / 1_200_000);
    for (let phase = 0; phase < 3; phase++) {
      const source = 234 + street + 0.6 * this.noise.smooth(1e6 * (phase + 1) + t / 9000);
      const watt = power.watt[phase]!;
      const reactive = power.reactive[phase]!;
      const voltage = source - (RESISTANCE * watt) / source;
      this.voltage[phase] = voltage;
      this.current[phase] = sqrt(watt * watt + reactive * reactive) / voltage;
    }
  }
}
