import type { Zone } from '@smx-edge/model';
import { encodeStamp, type Stamp } from '@smx-edge/protocols/iec62056-21';
import type { Dialect } from './dialect.js';

const HOUR = 3_600_000;

/** An instant as the meter's clock shows it. */
export function stampOf(t: number, zone: Zone): Stamp {
  return { local: t + zone.offset(t), season: zone.isSummer(t) ? 'summer' : 'standard' };
}

/** The instant a stamp means, ms UTC; without a season the first of two. */
export function instantOf({ local, season }: Stamp, zone: Zone): number {
  if (season === 'utc') return local;
  const first = zone.utc(local);
  const means = (t: number): boolean => t + zone.offset(t) === local && (zone.isSummer(t) ? 'summer' : 'standard') === season; // prettier-ignore
  return !means(first) && means(first + HOUR) ? first + HOUR : first;
}

/** Date and time as two values, as `26-01-15` and `16:40:56`. */
export function clockValues(stamp: Stamp, clock: Dialect['clock']): { readonly date: string; readonly time: string } {
  const packed = encodeStamp(stamp, 13);
  const [season, date, time] = [packed.slice(0, 1), packed.slice(1, 7), packed.slice(7)];
  if (clock === 'season') return { date: season + date, time: season + time };
  if (clock === 'packed') return { date, time };
  return { date: pairs(date, '-'), time: pairs(time, ':') };
}

/** When a demand was reached, as `26-01-02 08:30` or `2601020830`. */
export function demandTime(stamp: Stamp, clock: Dialect['clock']): string {
  const packed = encodeStamp(stamp, clock === 'season' ? 11 : 10);
  return clock === 'written' ? `${pairs(packed.slice(0, 6), '-')} ${pairs(packed.slice(6), ':')}` : packed;
}

/** As rows that have a date each write it: `26-01-02,08:30`. */
export const datedTime = (stamp: Stamp): string => demandTime(stamp, 'written').replace(' ', ',');

const pairs = (digits: string, between: string): string => digits.match(/../g)!.join(between);
