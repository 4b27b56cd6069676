import { Zone } from '@smx-edge/model';
import { familyAppliances } from './appliances.js';
import { GasMeter } from './gas.js';
import { Grid } from './grid.js';
import { GridMeter } from './grid-meter.js';
import type { Load, Moment, PhasePower } from './load.js';
import { PvPlant } from './pv-plant.js';
import type { Place } from './sun.js';
import { Weather } from './weather.js';

export interface HouseOptions {
  /** ms UTC; the house begins at the local midnight before it and steps up to it. */
  readonly start: number;
  readonly seed?: number;
  /** Zone of tariffs and months. */
  readonly timezone?: string;
  readonly place?: Place;
  /** PV modules, W; 0 = none. */
  readonly pv?: number;
}

const { floor, round } = Math;

/**
 * A house with PV and gas at a three-phase connection. Everything is a function of seed and time in steps of one
 * second, so two runs agree however they were stepped, and one started later in the day goes on where the other was.
 */
export class House {
  readonly meter: GridMeter;
  readonly grid: Grid;
  readonly gas: GasMeter;
  readonly pv: PvPlant;
  readonly zone: Zone;
  /** W per phase of the second just passed, in whole W, load convention. */
  readonly phases = new Float64Array(3);
  private readonly power: PhasePower = { watt: new Float64Array(3), reactive: new Float64Array(3) };
  private readonly moment: Moment = { t: 0, day: 0, second: 0, outdoors: 0 };
  private readonly weather: Weather;
  private readonly loads: Load[];
  private now: number;

  constructor({ start, seed = 1, timezone = 'Europe/Brussels', ...rest }: HouseOptions) {
    this.zone = new Zone(timezone);
    const begin = this.zone.dayStart(start);
    this.meter = new GridMeter({ seed, t: begin, zone: this.zone });
    this.grid = new Grid(seed);
    this.gas = new GasMeter({ seed, t: begin });
    this.weather = new Weather(seed);
    const place = rest.place ?? { latitude: 51.05, longitude: 3.72 };
    this.pv = new PvPlant({ seed, place, peak: rest.pv ?? 4800 });
    this.loads = [...familyAppliances(seed), this.pv];
    this.now = begin;
    this.second(begin - 1000, false);
    this.step(start);
  }

  /** Virtual time reached, ms UTC, whole seconds. */
  get t(): number {
    return this.now;
  }

  /** Outdoor temperature, Cel. */
  get outdoors(): number {
    return this.moment.outdoors;
  }

  /** Wires another device to the house; it counts from the next second on. */
  add(load: Load): void {
    this.loads.push(load);
  }

  /** Lets time pass up to `t` (ms UTC); an earlier time changes nothing. */
  step(t: number): void {
    while (this.now + 1000 <= t) {
      this.second(this.now, true);
      this.now += 1000;
    }
  }

  private second(t: number, count: boolean): void {
    const { moment, power, phases } = this;
    const local = t + this.zone.offset(t);
    moment.t = t;
    moment.day = floor(local / 86_400_000);
    moment.second = floor((local - moment.day * 86_400_000) / 1000);
    if (t % 60_000 === 0 || !count) moment.outdoors = this.weather.outdoors(t);
    power.watt.fill(0);
    power.reactive.fill(0);
    for (const load of this.loads) load.add(moment, power);
    for (let i = 0; i < 3; i++) phases[i] = power.watt[i] = round(power.watt[i]!);
    this.grid.update(t, power);
    if (!count) return;
    const reactive = round(power.reactive[0]! + power.reactive[1]! + power.reactive[2]!);
    this.meter.tick(t, phases[0]! + phases[1]! + phases[2]!, reactive);
    this.gas.tick(moment);
  }
}
