import { setPoint } from './set-point.js';
import { DeviceMeter, type Device, type Moment } from './load.js';

const { abs, floor, max, min, round } = Math;

export interface BatteryOptions {
  /** Usable energy between 0 and 100 %, Wh. Default 10 000. */
  readonly capacity?: number;
  /** Most AC power in either direction, W. Default 5000. */
  readonly power?: number;
  /** Efficiency of one way, 0 … 1. Default 0.955: 91 % there and back. */
  readonly efficiency?: number;
  /** State of charge below which it gives nothing, %. Default 5. */
  readonly reserve?: number;
  /** State of charge at the start, %. */
  readonly soc?: number;
  /** Phases of its inverter, 0 … 2. Default all. */
  readonly phases?: readonly number[];
}

/** W between which it stays whatever it is asked to do, load convention. */
export interface BatteryBounds {
  readonly least: number;
  readonly most: number;
}

export type BatteryState = 'charging' | 'discharging' | 'idle' | 'full' | 'empty';

/** W that its electronics take while it neither charges nor discharges. */
const STANDBY = 8;
/** W per second by which its inverter changes. */
const RAMP = 1000;
/** From here to full the cells take less and less. */
const TAPER = 0.95;
/** W below which its own control leaves it alone. */
const DEAD_BAND = 25;

/**
 * AC-coupled battery. Unsteered it keeps the connection at zero, with the delay of a second that real ones have; a
 * set-point rules it until it is taken back. What it cannot do it does not do, whatever was asked.
 */
export class Battery implements Device {
  readonly name = 'battery';
  readonly meter = new DeviceMeter();
  /** Ws on the DC side since the start. */
  charged = 0;
  discharged = 0;
  /** AC energy that became heat since the start, Ws. */
  lost = 0;
  /** Set by whoever steers its inverter from outside; a set-point and its own control keep to them. */
  bounds: BatteryBounds | undefined;
  /** State of charge below which it gives nothing, %. */
  reserve: number;
  private readonly o: Required<BatteryOptions>;
  private readonly size: number;
  private stored: number;
  private setpoint: number | null = null;
  /** W at the DC side of the second just passed; negative = out of the cells. */
  private cells = 0;
  /** AC W without stand-by. */
  private flow = 0;

  constructor(options: BatteryOptions = {}) {
    this.o = { capacity: 10_000, power: 5000, efficiency: 0.955, reserve: 5, soc: 40, phases: [0, 1, 2], ...options };
    this.size = this.o.capacity * 3600;
    this.reserve = this.o.reserve;
    this.stored = (this.size * min(100, max(0, this.o.soc))) / 100;
  }

  /** State of charge, %. */
  get soc(): number {
    return (100 * this.stored) / this.size;
  }

  /** Usable energy between 0 and 100 %, Wh. */
  get capacity(): number {
    return this.o.capacity;
  }

  /** Most AC power in either direction, W. */
  get nominal(): number {
    return this.o.power;
  }

  /** Energy in the cells, Ws. */
  get energy(): number {
    return this.stored;
  }

  /** Set-point in force, W; null = its own control. */
  get wanted(): number | null {
    return this.setpoint;
  }

  /** W it could take or, for `discharge`, give right now. */
  get chargeLimit(): number {
    const room = (this.size - this.stored) / this.o.efficiency;
    const full = this.stored / this.size;
    const cells = full <= TAPER ? this.o.power : this.o.power * max(0.02, (1 - full) / (1 - TAPER));
    return floor(max(0, min(cells, room)));
  }

  get dischargeLimit(): number {
    const left = this.stored - (this.size * this.reserve) / 100;
    return floor(max(0, min(this.o.power, left * this.o.efficiency)));
  }

  get state(): BatteryState {
    if (this.flow > 0) return 'charging';
    if (this.flow < 0) return 'discharging';
    if (this.chargeLimit === 0) return 'full';
    return this.dischargeLimit === 0 ? 'empty' : 'idle';
  }

  /** Voltage of the cells, V. */
  get voltage(): number {
    return 188 + 0.3 * this.soc + this.cells * 0.0012;
  }

  /** Power of the cells, DC W; positive = charging. */
  get direct(): number {
    return this.cells;
  }

  /** Current of the cells, A; positive = charging. */
  get current(): number {
    return this.cells / this.voltage;
  }

  /**
   * Power to hold, W: positive charges, negative discharges; null gives it back to its own control. Returns what it
   * took: the request within ± its power. Throws SMX_SIMULATOR_SETPOINT.
   */
  setPower(watt: number | null): number | null {
    this.setpoint = setPoint('battery power', watt, { min: -this.o.power, max: this.o.power });
    return this.setpoint;
  }

  step({ net }: Readonly<Moment>): void {
    const { efficiency } = this.o;
    const { least, most } = this.bounds ?? { least: -Infinity, most: Infinity };
    let target = this.setpoint ?? (abs(net) < DEAD_BAND ? 0 : -net);
    target = min(most, max(least, target));
    target = min(this.flow + RAMP, max(this.flow - RAMP, target));
    const flow = round(target > 0 ? min(target, this.chargeLimit) : max(target, -this.dischargeLimit));
    this.flow = flow;
    this.cells = flow > 0 ? flow * efficiency : flow / efficiency;
    if (flow > 0) this.charged += this.cells;
    else this.discharged -= this.cells;
    this.stored += this.cells;
    const power = flow === 0 ? STANDBY : flow;
    this.lost += power - this.cells;
    this.meter.spread(power, this.o.phases);
  }
}
