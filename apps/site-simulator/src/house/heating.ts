import { DeviceMeter, type Device, type Moment } from './load.js';
import { Noise } from './noise.js';

export interface HeatingOptions {
  readonly seed: number;
  /** Local day on which the house begins. */
  readonly day: number;
  /** Heat the pump gives at 7 Cel outdoors, W; 0 = there is none and gas does it all. Default 4500. */
  readonly pump?: number;
  /** Phase of the pump, 0 … 2. Default 1. */
  readonly phase?: number;
}

/** W per kelvin between in and out, and Ws per kelvin in walls and floors. */
const LEAK = 180;
const MASS = 3.6e7;
/** People, light and sun, W. */
const GAINS = 400;
/** Most heat of the boiler, W. */
const BOILER = 18_000;
const STANDBY = 9;
/** Circulation pump and fan, W. */
const AUXILIARY = 45;
const TANGENT = Math.tan(Math.acos(0.96));
/** Least minutes between start and stop of the compressor. */
const REST = 10;

const { min, max, round } = Math;

/**
 * The house as a store of heat, kept warm by a heat pump and, for what that cannot give, a gas boiler. Worked out once
 * a minute, which is fine for walls that cool in days.
 */
export class Heating implements Device {
  readonly name = 'heatpump';
  readonly meter = new DeviceMeter();
  /** Cel. */
  indoors: number;
  /** Cel of the water in the floors. */
  supply = 20;
  /** W of heat from pump and boiler. */
  pumpHeat = 0;
  boilerHeat = 0;
  /** W of heat for a W of electricity now; 0 while it stands. */
  performance = 0;
  running = false;
  private readonly pump: number;
  private readonly phase: number;
  private since = REST;

  constructor({ seed, day, pump = 4500, phase = 1 }: HeatingOptions) {
    this.pump = pump;
    this.phase = phase;
    this.indoors = new Noise(seed, 'heating').between(day, 18.9, 19.8);
  }

  step({ t, second, outdoors }: Readonly<Moment>): void {
    if (t % 60_000 !== 0) return;
    const { meter } = this;
    this.indoors += ((this.pumpHeat + this.boilerHeat + GAINS - LEAK * (this.indoors - outdoors)) * 60) / MASS;
    const wanted = second >= 21_600 && second < 81_000 ? 20.5 : 19;
    this.since++;
    const off = this.indoors > wanted + 0.4 || outdoors > 17;
    if (this.running ? off : !off && this.indoors < wanted - 0.2) this.turn();
    const demand = this.running ? LEAK * (wanted - outdoors) - GAINS + 3000 * (wanted - this.indoors) : 0;
    this.supply = min(50, max(26, 27 + 0.75 * (18 - outdoors)));
    const capacity = this.pump * min(1.1, max(0.4, 0.85 + 0.022 * (outdoors - 0)));
    this.pumpHeat = this.running && this.pump > 0 ? min(capacity, max(0.3 * capacity, demand)) : 0;
    this.boilerHeat = min(BOILER, max(0, demand - this.pumpHeat));
    // 42 % of what Carnot allows between outdoor air and the water
    const cop = min(6, (0.42 * (this.supply + 273)) / max(8, this.supply - outdoors));
    this.performance = this.pumpHeat > 0 ? cop : 0;
    const idle = this.pump > 0 ? STANDBY : 0;
    const power = this.pumpHeat > 0 ? round(this.pumpHeat / cop + AUXILIARY) : idle;
    meter.watt[this.phase] = power;
    meter.reactive[this.phase] = this.pumpHeat > 0 ? power * TANGENT : 0;
  }

  private turn(): void {
    if (this.since < REST) return;
    this.running = !this.running;
    this.since = 0;
  }
}
