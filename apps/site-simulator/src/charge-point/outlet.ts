import type { ElectricCar, House } from '../house/index.js';

/** The outlet as a station meets it: what is plugged in there, and what flows. */
export interface Outlet {
  readonly isPlugged: boolean;
  /** The car takes no more. */
  readonly isFull: boolean;
  /** Of l1, l2, l3: V, A and W. */
  readonly voltage: ArrayLike<number>;
  readonly current: readonly number[];
  readonly power: ArrayLike<number>;
  /** Register, Wh. */
  readonly energy: number;
  /** Of the car, %. */
  readonly soc: number | undefined;
  /** A per phase from now on, and on which phases; under 6 A there is none. */
  offer(ampere: number, phases: readonly number[]): void;
  /** By hand; null = as its owner would. */
  plug(isPlugged: boolean | null): void;
  /** Time has come to `t`, ms UTC. */
  pass(t: number): void;
}

/** The car of the house: what is offered here is what the house draws. */
export class HouseOutlet implements Outlet {
  private phases: readonly number[] = [];

  constructor(
    private readonly house: House,
    private readonly car: ElectricCar,
  ) {}

  get isPlugged(): boolean {
    return this.car.plugged;
  }

  get isFull(): boolean {
    return this.car.status === 'full';
  }

  get voltage(): ArrayLike<number> {
    return this.house.grid.voltage;
  }

  get current(): readonly number[] {
    return [0, 1, 2].map((phase) => (this.phases.includes(phase) ? this.car.current : 0));
  }

  get power(): ArrayLike<number> {
    return this.car.meter.watt;
  }

  get energy(): number {
    return this.car.meter.import / 3600;
  }

  get soc(): number {
    return this.car.soc;
  }

  offer(ampere: number, phases: readonly number[]): void {
    this.phases = phases;
    this.car.allow(ampere, phases);
  }

  plug(isPlugged: boolean | null): void {
    this.car.plug(isPlugged);
  }

  pass(): void {
    // the house steps by itself
  }
}

const VOLT = 230;
const LEAST = 6;

/** A car that is none of the house's: plugged in by hand, it takes all that it is offered. */
export class LoneOutlet implements Outlet {
  readonly isFull = false;
  readonly soc = undefined;
  readonly voltage = [VOLT, VOLT, VOLT];
  isPlugged = false;
  energy = 0;
  private offered: { readonly ampere: number; readonly phases: readonly number[] } = { ampere: 0, phases: [] };
  private last: number | undefined;

  get current(): readonly number[] {
    const { ampere, phases } = this.offered;
    return [0, 1, 2].map((phase) => (this.isPlugged && ampere >= LEAST && phases.includes(phase) ? ampere : 0));
  }

  get power(): readonly number[] {
    return this.current.map((ampere) => Math.round(ampere * VOLT));
  }

  offer(ampere: number, phases: readonly number[]): void {
    this.offered = { ampere, phases };
  }

  plug(isPlugged: boolean | null): void {
    this.isPlugged = isPlugged ?? false;
  }

  pass(t: number): void {
    const { last = t } = this;
    this.last = t;
    if (t > last) this.energy += (this.power.reduce((sum, watt) => sum + watt, 0) * (t - last)) / 3_600_000;
  }
}
