import type { Zone } from '@smx-edge/model';

const HOUR = 3_600_000;

/** ms of a local time without its zone, `2019-02-10T12:43:54`, as if it were UTC. */
export const wallOf = (local: string): number => Date.parse(`${local}Z`);

/** ms UTC of a local time, ms as if it were UTC; of the two of a doubled hour the one nearer to `near`, ms UTC. */
export function utcOf(wall: number, zone: Zone, near: number): number {
  const first = zone.utc(wall);
  const second = first + HOUR;
  const isDoubled = second + zone.offset(second) === wall;
  return isDoubled && Math.abs(second - near) < Math.abs(first - near) ? second : first;
}
