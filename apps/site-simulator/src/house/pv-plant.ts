import { DeviceMeter, type Device, type Moment } from './load.js';
import { setPoint } from './set-point.js';
import { Sky } from './sky.js';
import { clearSky, sunPosition, type Place, type Plane } from './sun.js';

export interface StringOptions {
  readonly plane: Plane;
  /** Module power under standard test conditions, W. */
  readonly peak: number;
}

export interface PvOptions {
  readonly seed: number;
  readonly place: Place;
  readonly strings: readonly StringOptions[];
  /** AC limit of the inverter, W. Default 85 % of the modules. */
  readonly inverter?: number;
  /** Phases of the inverter, 0 … 2. Default the first. */
  readonly phases?: readonly number[];
}

/** Wiring, dust and mismatch. */
const WIRING = 0.93;
/** V at the maximum power point of a module, and its power, W. */
const MODULE = { voltage: 33, peak: 400 };
/** An inverter wakes at some 15 W. */
const WAKE = 15;
const EFFICIENCY = 0.972;
/** Its own consumption while it runs, W. */
const OWN = 10;

const { max, min, round, floor } = Math;

/** W of modules, two thirds to the south and a third to the west, or a plant in detail. */
export function plantOf(pv: number | Omit<PvOptions, 'seed' | 'place'> = 4800): Omit<PvOptions, 'seed' | 'place'> {
  if (typeof pv !== 'number') return pv;
  if (pv === 0) return { strings: [] };
  const south = round((pv * 2) / 3);
  return {
    strings: [
      { plane: { tilt: 35, azimuth: 180 }, peak: south },
      { plane: { tilt: 35, azimuth: 265 }, peak: pv - south },
    ],
  };
}

/** A string on its tracker. */
export class PvString {
  /** DC W of the second just passed. */
  power = 0;
  /** DC energy since the start, Ws. */
  energy = 0;
  /** W/m² on its plane. */
  irradiance = 0;
  /** Cel. */
  cells = 20;
  direct = 0;
  diffuse = 0;

  constructor(readonly options: StringOptions) {}

  /** V at which the tracker works; 0 in the dark. */
  get voltage(): number {
    if (this.power === 0) return 0;
    const modules = max(1, round(this.options.peak / MODULE.peak));
    return modules * MODULE.voltage * (1 - 0.003 * (this.cells - 25));
  }

  /** A. */
  get current(): number {
    return this.power === 0 ? 0 : this.power / this.voltage;
  }

  /** DC W the modules could give. */
  potential(clearness: number, outdoors: number): number {
    const irradiance = this.direct * clearness + this.diffuse;
    this.irradiance = irradiance;
    this.cells = outdoors + 0.03 * irradiance;
    return irradiance * 0.001 * this.options.peak * WIRING * (1 - 0.0037 * (this.cells - 25));
  }
}

/** Solar plant: sun by date and place, clouds, cell temperature, an inverter that can be limited. */
export class PvPlant implements Device {
  readonly name = 'pv';
  readonly meter = new DeviceMeter();
  readonly strings: readonly PvString[];
  /** AC output, whole W, never negative. */
  power = 0;
  /** Produced since the start, Ws. */
  energy = 0;
  /** W it could give and does not, because of the limit. */
  curtailed = 0;
  /** AC limit of the inverter, W. */
  readonly nominal: number;
  /** Most AC W that whoever steers its inverter from outside lets it give; undefined = no such limit. */
  ceiling: number | undefined;
  private readonly sky: Sky;
  private readonly place: Place;
  private readonly phases: readonly number[];
  private limit: number | null = null;
  private slot = NaN;
  private dark = true;

  constructor({ seed, place, strings, inverter, phases = [0] }: PvOptions) {
    this.sky = new Sky(seed);
    this.place = place;
    this.phases = phases;
    this.strings = strings.map((options) => new PvString(options));
    this.nominal = inverter ?? round(0.85 * strings.reduce((sum, { peak }) => sum + peak, 0));
  }

  /** Limit in force, W; null = none but its own. */
  get wanted(): number | null {
    return this.limit;
  }

  /** Most AC W from now on, 0 … its own limit; null lifts it. Throws SMX_SIMULATOR_SETPOINT. */
  setLimit(watt: number | null): number | null {
    this.limit = setPoint('pv limit', watt, { min: 0, max: this.nominal });
    return this.limit;
  }

  step({ t, outdoors }: Readonly<Moment>): void {
    this.move(t);
    if (this.dark) {
      if (this.power !== 0) this.stop();
      return;
    }
    const { strings } = this;
    const clearness = this.sky.clearness(t);
    let potential = 0;
    for (let i = 0; i < strings.length; i++)
      potential += strings[i]!.power = strings[i]!.potential(clearness, outdoors);
    const able = EFFICIENCY * potential - OWN;
    if (able < WAKE) {
      this.stop();
      return;
    }
    const output = floor(min(able, this.nominal, this.limit ?? this.nominal, max(0, this.ceiling ?? this.nominal)));
    this.curtailed = floor(min(able, this.nominal)) - output;
    // what the inverter does not take the trackers do not draw
    const share = output === 0 ? 0 : (output + OWN) / EFFICIENCY / potential;
    for (let i = 0; i < strings.length; i++) {
      const string = strings[i]!;
      string.power *= share;
      string.energy += string.power;
    }
    this.power = output;
    this.energy += output;
    this.meter.spread(-output, this.phases);
  }

  private stop(): void {
    this.power = this.curtailed = 0;
    this.meter.clear();
    for (const string of this.strings) string.power = string.irradiance = 0;
  }

  /** The sun moves a quarter degree a minute: once in 10 s is as good as each second. */
  private move(t: number): void {
    const slot = floor(t / 10_000);
    if (slot === this.slot) return;
    this.slot = slot;
    this.dark = true;
    for (const string of this.strings) {
      const sun = sunPosition(t, this.place, string.options.plane);
      if (sun.height <= 0) return;
      this.dark = false;
      const sky = clearSky(sun);
      string.direct = sky.direct;
      string.diffuse = sky.diffuse;
    }
  }
}
