import type { PointType, PointValue } from '@smx-edge/model';

/** A value in a table; `-` where there is none. */
export function valueText(value: PointValue, type?: PointType): string {
  if (value === null) return '-';
  if (type === 'time' && typeof value === 'number') return timeText(value);
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** ISO 8601 UTC; `-` for 0, which is no time. */
export function timeText(t: number): string {
  return t === 0 ? '-' : new Date(t).toISOString();
}
