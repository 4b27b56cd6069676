import type { Zone } from '@smx-edge/model';
import { encodeStamp, type Stamp } from '@smx-edge/protocols/iec62056-21';

const HOUR = 3_600_000;

/** Offsets of a zone in the two halves of the year, the lower first, ms. */
function offsets(local: number, zone: Zone): readonly [standard: number, summer: number] {
  const year = new Date(local).getUTCFullYear();
  const [winter, summer] = [zone.offset(Date.UTC(year, 0, 15)), zone.offset(Date.UTC(year, 6, 15))];
  return [Math.min(winter, summer), Math.max(winter, summer)];
}

/**
 * ms UTC of what a meter's clock showed: by its season where it says one, else by the zone; of the two of the doubled hour the one
 * nearer to `near`, ms UTC.
 */
export function stampTime({ local, season }: Stamp, zone: Zone, near = -Infinity): number {
  if (season === 'utc') return local;
  if (season !== undefined) return local - offsets(local, zone)[season === 'summer' ? 1 : 0];
  const first = zone.utc(local);
  const second = first + HOUR;
  const isDoubled = second + zone.offset(second) === local;
  return isDoubled && Math.abs(second - near) < Math.abs(first - near) ? second : first;
}

/** `t`, ms UTC, as a meter of this zone takes it in the range of a request. */
export function requestStamp(t: number, zone: Zone, digits: 10 | 11 | 12 | 13): string {
  const season = zone.isSummer(t) ? 'summer' : 'standard';
  return encodeStamp({ local: t + zone.offset(t), season }, digits);
}
