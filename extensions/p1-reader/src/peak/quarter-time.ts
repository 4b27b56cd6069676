import type { Zone } from '@smx-edge/model';

/** Length of a demand interval, ms. Quarters are clock quarters by the meter's time. */
export const QUARTER = 900_000;

/** End of the quarter that runs at `t` (ms UTC): at a boundary the new one. */
export function quarterEnd(t: number): number {
  return (Math.floor(t / QUARTER) + 1) * QUARTER;
}

/** First instant after the local month that holds `t`: what the meter prints as closing time in 0-0:98.1.0. */
export function monthEnd(zone: Zone, t: number): number {
  const { year, month } = zone.local(t);
  return zone.utc(Date.UTC(year, month, 1));
}
