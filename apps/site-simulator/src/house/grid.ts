import type { PhasePower } from './load.js';
import { Noise } from './noise.js';

const { hypot, sqrt, atan2, PI } = Math;

/** Impedance of the way to the transformer, ohm: what the house takes lowers its voltage, what it injects raises it. */
const RESISTANCE = 0.22;

/** The three phases at the connection: voltages that answer to load and the currents that follow. */
export class Grid {
  /** V to neutral. */
  readonly voltage = new Float64Array(3);
  /** A, without sign. */
  readonly current = new Float64Array(3);
  /** W and var per phase, load convention. */
  private readonly power: PhasePower;
  private readonly noise: Noise;
  private t = 0;

  constructor(seed: number, power: PhasePower) {
    this.noise = new Noise(seed, 'grid');
    this.power = power;
  }

  /** Hz. */
  get frequency(): number {
    return 50 + 0.03 * this.noise.smooth(9e6 + this.t / 30_000) + 0.01 * this.noise.smooth(8e6 + this.t / 4000);
  }

  /** Angle by which the current of a phase lags its voltage, degrees, -180 … 180; beyond ±90 the phase injects. */
  angle(phase: number): number {
    return (atan2(this.power.reactive[phase]!, this.power.watt[phase]!) * 180) / PI;
  }

  /** Angle of the voltage of a phase to that of l1, degrees: 0, -120, 120. */
  voltageAngle(phase: number): number {
    return [0, -120, 120][phase]!;
  }

  /** V between two phases, a third of a turn apart. */
  between(one: number, other: number): number {
    const [a, b] = [this.voltage[one]!, this.voltage[other]!];
    return hypot(a, b, sqrt(a * b));
  }

  /** Answers to the power of the second that began at `t`. */
  update(t: number): void {
    this.t = t;
    const { power, voltage, current, noise } = this;
    // the street's own evening load and a tap changer far away
    const street = 2.5 * noise.smooth(t / 1_200_000);
    for (let phase = 0; phase < 3; phase++) {
      const source = 234 + street + 0.6 * noise.smooth(1e6 * (phase + 1) + t / 9000);
      const watt = power.watt[phase]!;
      const reactive = power.reactive[phase]!;
      const volt = source - (RESISTANCE * watt) / source;
      voltage[phase] = volt;
      current[phase] = sqrt(watt * watt + reactive * reactive) / volt;
    }
  }
}
