import type { Zone } from '@smx-edge/model';

const HOUR = 3_600_000;

/** ms UTC of a wall clock of `zone` given as if it were UTC; of the two of the doubled hour the one nearer to `near`. */
export function zoneTime(zone: Zone, local: number, near: number): number {
  const first = zone.utc(local);
  const second = first + HOUR;
  const doubled = second + zone.offset(second) === local;
  return doubled && Math.abs(second - near) < Math.abs(first - near) ? second : first;
}
