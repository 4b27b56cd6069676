import type { Zone } from '@smx-edge/model';

const HALF_YEAR = 182.5 * 86_400_000;

/** Whether clocks are ahead at `t` of what they are half a year away. */
export function isSummer(zone: Zone, t: number): boolean {
  return zone.offset(t) > Math.min(zone.offset(t - HALF_YEAR), zone.offset(t + HALF_YEAR));
}
