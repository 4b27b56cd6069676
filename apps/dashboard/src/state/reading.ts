import type { PointValue, Quality } from '@smx-edge/model';

/** Value of a point as it was last told; `t` ms UTC, 0 = never had one. */
export interface Reading {
  readonly v: PointValue;
  readonly t: number;
  readonly q: Quality;
  readonly reason?: string;
}

/** Whether a value may be shown as what is so now, and counted with. */
export const isCurrent = ({ v, q }: Reading): boolean => v !== null && q !== 'stale' && q !== 'bad';

/** The number that holds now; undefined where there is none. */
export function currentNumber(reading: Reading | undefined): number | undefined {
  return reading !== undefined && isCurrent(reading) && typeof reading.v === 'number' ? reading.v : undefined;
}
