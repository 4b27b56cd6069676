/** Limits of the connection, W, never negative. */
export interface SiteLimits {
  readonly import?: number;
  readonly export?: number;
  /** State of charge that commands may not lead out of, %. */
  readonly soc?: readonly [min: number, max: number];
}
