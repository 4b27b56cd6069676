const { trunc } = Math;

/** An instant as devices see it. */
export interface Moment {
  /** ms UTC, start of the second. */
  t: number;
  /** Local days since 1970-01-01. */
  day: number;
  /** Second of the local day by the wall clock, 0 … 86399. */
  second: number;
  /** Outdoor temperature, Cel. */
  outdoors: number;
  /** V to neutral per phase, of the second before. */
  readonly voltage: Float64Array;
  /** W of all devices that were asked before this one, load convention. */
  net: number;
}

/** What flows into the house per phase l1, l2, l3: W and var, load convention (negative = given back). */
export interface PhasePower {
  readonly watt: Float64Array;
  readonly reactive: Float64Array;
}

/** Anything plugged in behind the house's own meter: takes power or, negative, gives it. Called once for each second. */
export interface Load {
  readonly name: string;
  add(moment: Readonly<Moment>, into: PhasePower): void;
}

/** A device with a branch and a meter of its own. */
export interface Device {
  readonly name: string;
  readonly meter: DeviceMeter;
  /** Sets power of the second on the meter, in whole W per phase; the house counts it. */
  step(moment: Readonly<Moment>): void;
}

/** Meter of one branch, net over its phases as the one at the connection; whole W, so that sums of branches are exact. */
export class DeviceMeter implements PhasePower {
  readonly watt = new Float64Array(3);
  readonly reactive = new Float64Array(3);
  /** W of the second just passed, load convention. */
  power = 0;
  /** Ws since the start, never negative. */
  import = 0;
  export = 0;

  clear(): void {
    this.watt.fill(0);
    this.reactive.fill(0);
  }

  /** Sets an equal share of `power` on each of `phases`; the watts that cannot be shared go on the first. */
  spread(power: number, phases: readonly number[]): void {
    this.watt.fill(0);
    const share = trunc(power / phases.length);
    for (const phase of phases) this.watt[phase] = share;
    this.watt[phases[0]!]! += power - share * phases.length;
  }

  /** One second has passed. */
  count(): void {
    const { watt } = this;
    const power = watt[0]! + watt[1]! + watt[2]!;
    this.power = power;
    if (power > 0) this.import += power;
    else this.export -= power;
  }
}
