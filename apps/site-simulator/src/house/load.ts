/** An instant as appliances see it. */
export interface Moment {
  /** ms UTC, start of the second. */
  t: number;
  /** Local days since 1970-01-01. */
  day: number;
  /** Second of the local day by the wall clock, 0 … 86399. */
  second: number;
  /** Outdoor temperature, Cel. */
  outdoors: number;
}

/** What flows into the house per phase l1, l2, l3: W and var, load convention (negative = given back). */
export interface PhasePower {
  readonly watt: Float64Array;
  readonly reactive: Float64Array;
}

/** Anything wired to the house: takes power or, negative, gives it. Called once for each second. */
export interface Load {
  readonly name: string;
  add(moment: Readonly<Moment>, into: PhasePower): void;
}
