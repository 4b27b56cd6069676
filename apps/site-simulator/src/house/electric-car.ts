import { DeviceMeter, type Device, type Moment } from './load.js';
import { Noise } from './noise.js';
import { setPoint } from './set-point.js';

const { acos, floor, max, min, round, tan } = Math;

export interface CarOptions {
  readonly seed: number;
  /** Local day on which the house begins, days since 1970-01-01. */
  readonly day: number;
  /** Battery of the car, Wh. Default 58 000. */
  readonly capacity?: number;
  /** Most A per phase that charger and car take. Default 16. */
  readonly current?: number;
  /** Phases it charges on, 0 … 2. Default all. */
  readonly phases?: readonly number[];
  /** State of charge at which it stops, %. Default 80. */
  readonly until?: number;
  /** Whether it drives; one that does not is always plugged in. Default true. */
  readonly trips?: boolean;
  /** A that the charger offers where nobody says otherwise. Default 10. */
  readonly offered?: number;
}

export type CarStatus = 'away' | 'unplugged' | 'waiting' | 'charging' | 'full';

/** Least A an IEC 61851-1 charger can offer: below it, it offers none. */
const LEAST = 6;
/** A per second by which a car follows a higher offer. */
const RAMP = 2;
const EFFICIENCY = 0.9;
const FACTOR = 0.99;
const TANGENT = tan(acos(FACTOR));
/** Share of charge from which the car takes less and less. */
const TAPER = 0.9;

/** Car and charging point: away on most working days, plugged in when it comes home, at the current it is offered. */
export class ElectricCar implements Device {
  readonly name = 'ev';
  readonly meter = new DeviceMeter();
  /** Ws taken from the grid since it was plugged in. */
  session = 0;
  /** Ws that went into the car's battery, and that it drove with, since the start. */
  charged = 0;
  driven = 0;
  /** A per phase of the second just passed. */
  current = 0;
  private readonly o: Required<CarOptions>;
  private readonly noise: Noise;
  private readonly size: number;
  private stored: number;
  private limit: number | null = null;
  private allowed: number | null = null;
  private used: readonly number[];
  private forced: boolean | null = null;
  private planned = NaN;
  private leaves = Infinity;
  private returns = Infinity;
  private trip = 0;
  private plugs = true;
  private home = true;
  private connected = true;
  private done = false;

  constructor(options: CarOptions) {
    this.o = { capacity: 58_000, current: 16, phases: [0, 1, 2], until: 80, offered: 10, trips: true, ...options };
    this.used = this.o.phases;
    this.noise = new Noise(options.seed, 'ev');
    this.size = this.o.capacity * 3600;
    this.stored = this.size * this.noise.between(options.day + 9e5, 0.45, 0.8);
  }

  /** State of charge, %. */
  get soc(): number {
    return (100 * this.stored) / this.size;
  }

  /** Energy in its battery, Ws. */
  get energy(): number {
    return this.stored;
  }

  get plugged(): boolean {
    return this.connected;
  }

  /** A per phase that the charger offers: 0, or 6 and more. */
  get offered(): number {
    const amp = min(this.limit ?? this.allowed ?? this.o.offered, this.allowed ?? Infinity, this.o.current);
    return amp < LEAST ? 0 : amp;
  }

  get status(): CarStatus {
    if (!this.home) return 'away';
    if (!this.connected) return 'unplugged';
    if (this.current > 0) return 'charging';
    return this.done ? 'full' : 'waiting';
  }

  /** Most A per phase, 0 … its own; under 6 stops the charge; null = what the charger offers by itself. Throws SMX_SIMULATOR_SETPOINT. */
  setCurrent(ampere: number | null): number | null {
    this.limit = setPoint('ev current', ampere, { min: 0, max: this.o.current });
    return this.limit;
  }

  /** What a charge point with a mind of its own lets it have from now on: A per phase, and on which phases. */
  allow(ampere: number, phases: readonly number[]): void {
    this.allowed = ampere;
    if (phases.length === this.used.length) return;
    this.meter.clear();
    this.used = phases.filter((phase) => this.o.phases.includes(phase));
  }

  /** Plugs the car in or out while it is at home, whatever its owner would do; null leaves it to them. */
  plug(plugged: boolean | null): void {
    this.forced = plugged;
  }

  step({ day, second, voltage }: Readonly<Moment>): void {
    if (day !== this.planned) this.plan(day);
    this.move(second < this.leaves || second >= this.returns);
    const amp = this.taken();
    this.current = amp;
    const { meter } = this;
    if (amp === 0) {
      if (meter.power !== 0) meter.clear();
      return;
    }
    let power = 0;
    for (const phase of this.used) {
      const watt = round(voltage[phase]! * amp * FACTOR);
      meter.watt[phase] = watt;
      meter.reactive[phase] = watt * TANGENT;
      power += watt;
    }
    this.session += power;
    this.charged += power * EFFICIENCY;
    this.stored += power * EFFICIENCY;
  }

  private move(home: boolean): void {
    if (home && !this.home) {
      const used = min(this.trip, this.stored - 0.03 * this.size);
      this.stored -= used;
      this.driven += used;
    }
    this.home = home;
    const connected = home && (this.forced ?? this.plugs);
    if (connected && !this.connected) {
      this.session = 0;
      this.done = false;
    }
    this.connected = connected;
  }

  private taken(): number {
    const share = this.stored / this.size;
    const goal = this.o.until / 100;
    if (!this.connected) return 0;
    if (share >= goal) this.done = true;
    else if (share < goal - 0.02) this.done = false;
    const offered = this.offered;
    if (this.done || offered === 0) return 0;
    const car = share <= TAPER ? offered : max(LEAST, this.o.current * (1 - (share - TAPER) / (1.02 - TAPER)));
    return min(offered, car, max(LEAST, this.current + RAMP));
  }

  /** Working days 7:15 to 18:45 on the road or at work, weekends now and then; all trips end before midnight. */
  private plan(day: number): void {
    this.planned = day;
    // day 0 of 1970 was a Thursday
    const weekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
    const { noise } = this;
    const goes = this.o.trips && noise.at(day) < (weekend ? 0.55 : 0.85);
    const leave = weekend ? noise.between(day + 1e5, 9.5, 14) : noise.between(day + 1e5, 7.25, 8.5);
    const stay = weekend ? noise.between(day + 2e5, 1, 5) : noise.between(day + 2e5, 9, 10.25);
    this.leaves = goes ? floor(leave * 3600) : Infinity;
    this.returns = goes ? floor((leave + stay) * 3600) : Infinity;
    this.trip = noise.between(day + 3e5, weekend ? 2000 : 4000, 13_000) * 3600;
    this.plugs = !this.o.trips || noise.at(day + 4e5) < 0.92;
  }
}
