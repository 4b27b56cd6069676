import type { Zone } from '@smx-edge/model';

const DAY = 86_400_000;

/** A week of the site, from Monday to Sunday of its own clock: 167 or 169 h where that is set. */
export interface SiteWeek {
  /** ISO 8601: `2026-W48`. */
  readonly name: string;
  /** ms UTC; what ends at `start` is of the week before. */
  readonly start: number;
  readonly end: number;
}

/** The week in which what ends at `t` ends, ms UTC. */
export function weekOf(t: number, zone: Zone): SiteWeek {
  const { year, month, day } = zone.local(t - 1);
  const today = Date.UTC(year, month - 1, day);
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  return { name: nameOf(monday), start: zone.utc(monday), end: zone.utc(monday + 7 * DAY) };
}

/** The week that has this Monday is of the year that has its Thursday. */
function nameOf(monday: number): string {
  const thursday = new Date(monday + 3 * DAY);
  const year = thursday.getUTCFullYear();
  const number = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1;
  return `${year}-W${String(number).padStart(2, '0')}`;
}
