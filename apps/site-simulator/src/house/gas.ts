import type { Moment } from './load.js';
import { Noise } from './noise.js';

const CAPTURE = 300_000;
const HOUR = 3_600_000;
const INSTALLED = Date.UTC(2024, 0, 1);
/** Heat in a litre of gas, Ws. */
const HEAT = 35_000;

export interface GasReading {
  /** Whole litres. */
  readonly litres: number;
  /** ms UTC. */
  readonly t: number;
}

/** Gas boiler with its meter: heats below 15 Cel and makes hot water; the meter is read over M-Bus every 5 minutes. */
export class GasMeter {
  /** Burnt so far, litres (with fraction). */
  litres: number;
  /** What the M-Bus master read last: litres (whole) and when, ms UTC. */
  captured: GasReading;
  /** The same on the hour, as meters up to DSMR 4 have it. */
  hourly: GasReading;
  private readonly noise: Noise;

  constructor(o: { readonly seed: number; readonly t: number }) {
    this.noise = new Noise(o.seed, 'gas');
    // as with the electricity meter, each day begins higher than a day can take it
    const days = Math.floor((o.t - INSTALLED) / (24 * HOUR));
    const litres = Math.floor(this.noise.between(-1, 1e6, 4e6)) + 15_000 * days;
    this.litres = litres;
    this.captured = { litres, t: Math.floor(o.t / CAPTURE) * CAPTURE };
    this.hourly = { litres, t: Math.floor(o.t / HOUR) * HOUR };
  }

  /** One second, after it has passed. */
  tick({ t, day, second, outdoors }: Readonly<Moment>): void {
    this.litres += (this.heating(second, outdoors) + this.hotWater(day, second)) / HEAT;
    const end = t + 1000;
    if (end % CAPTURE !== 0) return;
    this.captured = { litres: Math.floor(this.litres), t: end };
    if (end % HOUR === 0) this.hourly = this.captured;
  }

  /** W of heat: 180 W per kelvin below 15 Cel by day, two thirds of it at night. */
  private heating(second: number, outdoors: number): number {
    const day = second > 6 * 3600 && second < 22.5 * 3600;
    return Math.max(0, 15 - outdoors) * (day ? 180 : 120);
  }

  private hotWater(day: number, second: number): number {
    const showers = [this.noise.between(2 * day, 6.4, 7.6), this.noise.between(2 * day + 1, 20, 22)];
    return showers.some((hour) => second >= hour * 3600 && second < hour * 3600 + 480) ? 22_000 : 0;
  }
}
