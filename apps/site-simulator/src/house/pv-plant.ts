import type { Load, Moment, PhasePower } from './load.js';
import { Noise } from './noise.js';
import { clearSky, sunPosition, type Place, type Plane } from './sun.js';

export interface PvOptions {
  readonly seed: number;
  readonly place: Place;
  readonly plane?: Plane;
  /** Module power under standard test conditions, W. */
  readonly peak?: number;
  /** AC limit of the inverter, W. */
  readonly inverter?: number;
  /** 0, 1, 2 for l1 … l3. */
  readonly phase?: number;
}

const MINUTE = 60_000;

/** Solar plant on one phase: sun by date and place, clouds by noise of days, hours and minutes. */
export class PvPlant implements Load {
  readonly name = 'pv';
  /** AC output, W, never negative. */
  power = 0;
  /** Produced since the start, Ws. */
  energy = 0;
  private readonly clouds: Noise;
  private readonly options: Required<PvOptions>;
  private slot = NaN;
  private direct = 0;
  private diffuse = 0;

  constructor(options: PvOptions) {
    this.options = { plane: { tilt: 35, azimuth: 180 }, peak: 4800, inverter: 4000, phase: 0, ...options };
    this.clouds = new Noise(options.seed, 'clouds');
  }

  add({ t }: Readonly<Moment>, into: PhasePower): void {
    const { peak, inverter, phase } = this.options;
    this.move(t);
    if (this.direct + this.diffuse === 0) this.power = 0;
    else {
      const irradiance = this.direct * this.clearness(t) + this.diffuse;
      const output = Math.min(inverter, (irradiance / 1000) * peak * 0.86);
      // an inverter wakes at some 15 W
      this.power = output < 15 ? 0 : Math.round(output);
    }
    this.energy += this.power;
    into.watt[phase]! -= this.power;
  }

  /** The sun moves a quarter degree a minute: once in 10 s is as good as each second. */
  private move(t: number): void {
    const slot = Math.floor(t / 10_000);
    if (slot === this.slot) return;
    this.slot = slot;
    const sky = clearSky(sunPosition(t, this.options.place, this.options.plane));
    this.direct = sky.direct;
    this.diffuse = sky.diffuse;
  }

  /** Share of the direct beam that comes through, 0.05 … 1. */
  private clearness(t: number): number {
    const weather = this.clouds.smooth(t / (1440 * MINUTE));
    const hours = this.clouds.smooth(1e7 + t / (90 * MINUTE));
    const passing = this.clouds.smooth(2e7 + t / (4 * MINUTE));
    const cover = 0.45 - 0.5 * weather + 0.35 * hours + 0.3 * passing;
    return Math.min(1, Math.max(0.05, 1.2 - 1.1 * cover));
  }
}
