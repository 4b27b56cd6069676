import type { Moment } from './load.js';
import { Noise } from './noise.js';
import { daysInstalled, VolumeMeter } from './sub-meter.js';
import type { Showers } from './water.js';

const { floor } = Math;

/** Heat in a litre of gas, Ws. */
const HEAT = 35_000;
/** Of the boiler while somebody showers, W. */
const HOT_WATER = 22_000;

/** Gas boiler with its meter: hot water, and the heat that the pump does not give. */
export class GasMeter extends VolumeMeter {
  constructor(o: { readonly seed: number; readonly t: number }) {
    // as with the electricity meter, each day begins higher than a day can take it
    super(floor(new Noise(o.seed, 'gas').between(-1, 1e6, 4e6)) + 15_000 * daysInstalled(o.t), o.t);
  }

  /** One second, after it has passed, with the boiler's heat for the rooms in W. */
  tick({ t, second }: Readonly<Moment>, heating: number, showers: Showers): void {
    this.flow((heating + (showers.running(second) ? HOT_WATER : 0)) / HEAT, t + 1000);
  }
}
