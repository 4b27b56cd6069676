import { Zone } from '@smx-edge/model';
import { Battery, type BatteryOptions } from './battery.js';
import { ElectricCar, type CarOptions } from './electric-car.js';
import { GasMeter } from './gas.js';
import { Grid } from './grid.js';
import { GridMeter } from './grid-meter.js';
import { Heating, type HeatingOptions } from './heating.js';
import { Household } from './household.js';
import { DeviceMeter, type Device, type Load, type Moment } from './load.js';
import { Noise } from './noise.js';
import { plantOf, PvPlant, type PvOptions } from './pv-plant.js';
import { GHENT, type Place } from './sun.js';
import { Showers, WaterMeter } from './water.js';
import { Weather } from './weather.js';

type Given<T> = Omit<T, 'seed' | 'day' | 'place'>;

export interface HouseOptions {
  /** ms UTC; the house begins at the local midnight before it and steps up to it. */
  readonly start: number;
  readonly seed?: number;
  /** Zone of tariffs, months and habits. */
  readonly timezone?: string;
  readonly place?: Place;
  /** PV modules, W, two thirds to the south and a third to the west; or the plant in detail; 0 = none. */
  readonly pv?: number | Given<PvOptions>;
  /** `false` = none. */
  readonly battery?: BatteryOptions | false;
  readonly ev?: Given<CarOptions> | false;
  readonly heatPump?: Given<HeatingOptions> | false;
  /** Told at the end of each quarter hour, ms UTC, those before `start` too. */
  readonly onQuarter?: (end: number, meter: GridMeter) => void;
}

const { floor, round } = Math;
const DAY = 86_400_000;

/**
 * A house at a three-phase connection with PV, battery, heat pump, car, gas and water. Everything is a function of
 * seed, time and set-points in steps of one second, so two runs agree however they were stepped, and one started later
 * in the day goes on where the other was. Every branch counts whole W, so the meters agree with each other to the Ws.
 */
export class House {
  readonly meter: GridMeter;
  readonly grid: Grid;
  readonly gas: GasMeter;
  readonly water: WaterMeter;
  readonly household: Household;
  readonly pv: PvPlant;
  readonly heating: Heating;
  readonly ev: ElectricCar | undefined;
  readonly battery: Battery | undefined;
  /** Every branch, in the order in which they are asked; their meters add up to the connection's. */
  readonly devices: readonly Device[];
  readonly zone: Zone;
  /** W per phase of the second just passed, in whole W, load convention. */
  readonly phases: Float64Array;
  /** var per phase of the second just passed. */
  readonly reactive: Float64Array;
  private readonly governors: (() => void)[] = [];
  private readonly observers: (() => void)[] = [];
  private readonly moment: Moment;
  private readonly weather: Weather;
  private readonly showers: Showers;
  private now: number;
  /** Local minus UTC, ms; it changes on no finer grid than quarter hours. */
  private offset: number;

  constructor({ start, seed = 1, timezone = 'Europe/Brussels', ...rest }: HouseOptions) {
    this.zone = new Zone(timezone);
    const begin = this.zone.dayStart(start);
    this.offset = this.zone.offset(begin);
    const day = floor((begin + this.offset) / DAY);
    const total = new DeviceMeter();
    this.phases = total.watt;
    this.reactive = total.reactive;
    this.meter = new GridMeter({ seed, t: begin, zone: this.zone, onQuarter: rest.onQuarter });
    this.grid = new Grid(seed, total);
    this.gas = new GasMeter({ seed, t: begin });
    this.water = new WaterMeter({ seed, t: begin });
    this.weather = new Weather(seed);
    this.showers = new Showers(seed);
    const place = rest.place ?? GHENT;
    this.household = new Household(seed);
    this.pv = new PvPlant({ ...plantOf(rest.pv), seed, place });
    this.heating = new Heating({ ...(rest.heatPump === false ? { pump: 0 } : rest.heatPump), seed, day });
    this.ev = rest.ev === false ? undefined : new ElectricCar({ ...rest.ev, seed, day });
    const soc = new Noise(seed, 'battery').between(day, 10, 70);
    this.battery = rest.battery === false ? undefined : new Battery({ soc, ...rest.battery });
    // the battery comes last: it answers to all others
    this.devices = [this.household, this.pv, this.heating, this.ev, this.battery].filter((each) => each !== undefined);
    this.moment = { t: 0, day: 0, second: 0, outdoors: 0, voltage: this.grid.voltage, net: 0 };
    this.now = begin;
    this.look(begin);
    this.grid.update(begin);
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

  /** Plugs another load in; it counts from the next second on, on the meter of the household. */
  add(load: Load): void {
    this.household.add(load);
  }

  /** Calls `fn` before each second that passes from now on: it steers devices by what they did in the one before. */
  govern(fn: () => void): void {
    this.governors.push(fn);
  }

  /** Calls `fn` after each second that passes from now on, when the house is as it was in it. */
  observe(fn: () => void): void {
    this.observers.push(fn);
  }

  /** Lets time pass up to `t` (ms UTC); an earlier time changes nothing. */
  step(t: number): void {
    while (this.now + 1000 <= t) {
      this.second(this.now);
      this.now += 1000;
      for (const look of this.observers) look();
    }
  }

  private look(t: number): void {
    const { moment } = this;
    if (t % 900_000 === 0) this.offset = this.zone.offset(t);
    const local = t + this.offset;
    moment.t = t;
    moment.day = floor(local / DAY);
    moment.second = floor((local - moment.day * DAY) / 1000);
    if (t % 60_000 === 0) moment.outdoors = this.weather.outdoors(t);
    this.showers.plan(moment.day);
  }

  private second(t: number): void {
    const { moment, phases, reactive, devices } = this;
    this.look(t);
    for (const govern of this.governors) govern();
    moment.net = 0;
    let [watt1, watt2, watt3] = [0, 0, 0];
    let [var1, var2, var3] = [0, 0, 0];
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i]!;
      const { meter } = device;
      device.step(moment);
      meter.count();
      moment.net += meter.power;
      watt1 += meter.watt[0]!;
      watt2 += meter.watt[1]!;
      watt3 += meter.watt[2]!;
      var1 += meter.reactive[0]!;
      var2 += meter.reactive[1]!;
      var3 += meter.reactive[2]!;
    }
    phases[0] = watt1;
    phases[1] = watt2;
    phases[2] = watt3;
    reactive[0] = var1;
    reactive[1] = var2;
    reactive[2] = var3;
    this.grid.update(t);
    this.meter.tick(t, moment.net, round(var1 + var2 + var3));
    this.gas.tick(moment, this.heating.boilerHeat, this.showers);
    this.water.tick(moment, this.showers);
  }
}
