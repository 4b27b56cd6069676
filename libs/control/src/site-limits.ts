/** Limits of the connection, W, never negative. */
export interface SiteLimits {
  readonly import?: number;
  readonly export?: number;
  /** Device of the meter at the connection, by which what the house takes counts; default `pcc` where there is one. */
  readonly meter?: string;
  /** State of charge that commands may not lead out of, %. */
  readonly soc?: readonly [min: number, max: number];
}
