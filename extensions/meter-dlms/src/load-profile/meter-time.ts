import type { Zone } from '@smx-edge/model';
import { decodeDateTime, localTime, utcTime, type ClockStatus, type Data } from '@smx-edge/protocols/cosem';

const HOUR = 3_600_000;

export interface MeterTime {
  /** ms UTC. */
  readonly t: number;
  readonly status: ClockStatus;
}

/**
 * An instant as a meter gives it: by its deviation where it says one, else by the zone, the repeated hour told apart by the
 * bit for daylight saving. Undefined where it is no whole time.
 */
export function meterTime(data: Data, zone: Zone): MeterTime | undefined {
  if (data.type !== 'octet-string' && data.type !== 'date-time') return undefined;
  const time = decodeDateTime(data.value);
  const local = time === undefined ? undefined : localTime(time);
  if (time === undefined || local === undefined) return undefined;
  return { t: utcTime(time) ?? zoneTime(local, time.status, zone), status: time.status };
}

function zoneTime(local: number, { raw, dst }: ClockStatus, zone: Zone): number {
  const first = zone.utc(local);
  const second = first + HOUR;
  const isRepeated = second + zone.offset(second) === local;
  return isRepeated && raw !== 0xff && !dst ? second : first;
}
