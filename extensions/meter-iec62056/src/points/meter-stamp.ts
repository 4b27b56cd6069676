import type { Zone } from '@smx-edge/model';
import { encodeStamp, type Stamp } from '@smx-edge/protocols/iec62056-21';

const HOUR = 3_600_000;

/** Offsets of a zone in the two halves of the year, ms. A meter may keep a summer that its zone does not have. */
function offsets(local: number, zone: Zone): readonly [standard: number, summer: number] {
  const year = new Date(local).getUTCFullYear();
  const [january, july] = [zone.offset(Date.UTC(year, 0, 15)), zone.offset(Date.UTC(year, 6, 15))];
  return january === july ? [july, july + HOUR] : [Math.min(january, july), Math.max(january, july)];
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

/** The same of rows that come in order: of the doubled hour the one that is not before `behind`, the row before, ms UTC. */
export function rowTime(stamp: Stamp, zone: Zone, behind: number): number {
  const first = stampTime(stamp, zone);
  return first < behind ? stampTime(stamp, zone, first + HOUR) : first;
}

/** The range of a request, as a meter takes it. */
export interface RequestRange {
  readonly start: string;
  readonly end: string;
  /** What is asked for ends behind this, ms UTC: before `from` where the meter cannot tell the two of the doubled hour apart. */
  readonly after: number;
}

/**
 * The range `from` … `to`, ms UTC, as a meter of this zone takes it. Without a season it knows local time alone, and would give the
 * one of the doubled hour for the other: what reaches into it is asked for from before it to behind it.
 */
export function requestRange(
  { from, to }: { readonly from: number; readonly to: number },
  zone: Zone,
  digits: 10 | 11 | 12 | 13,
): RequestRange {
  const stamp = (t: number, shift: number): string => {
    const season = zone.isSummer(t) ? 'summer' : 'standard';
    return encodeStamp({ local: t + zone.offset(t) + shift, season }, digits);
  };
  if (digits % 2 === 1) return { start: stamp(from, 0), end: stamp(to, 0), after: from };
  const earlier = zone.offset(from - HOUR) > zone.offset(from) ? from - HOUR : from;
  const back = Math.max(0, zone.offset(earlier) - zone.offset(to));
  return { start: stamp(earlier, -back), end: stamp(to, back), after: earlier - back };
}
