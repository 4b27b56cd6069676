import type { Zone } from '@smx-edge/model';
import {
  decodeDateTime,
  encodeDateTime,
  localTime,
  utcTime,
  type ClockStatus,
  type Data,
} from '@smx-edge/protocols/cosem';

const HOUR = 3_600_000;
const HALF_YEAR = 182.5 * 24 * HOUR;
const UNSPECIFIED = 0xff;
const SUMMER = 0x80;

export interface MeterTime {
  /** ms UTC. */
  readonly t: number;
  readonly status: ClockStatus;
}

/** An instant as a meter gives it: by its deviation where it says one, else by the zone. Undefined where it is none. */
export function meterTime(data: Data, zone: Zone): MeterTime | undefined {
  if (data.type !== 'octet-string' && data.type !== 'date-time') return undefined;
  const time = decodeDateTime(data.value);
  const local = time === undefined ? undefined : localTime(time);
  if (time === undefined || local === undefined) return undefined;
  return { t: utcTime(time) ?? zoneTime(local, time.status.raw, zone), status: time.status };
}

/** ms UTC of local time read as UTC; the repeated hour is told apart by the bit for summer in the clock status. */
export function zoneTime(local: number, status: number, zone: Zone): number {
  const first = zone.utc(local);
  const second = first + HOUR;
  const isRepeated = second + zone.offset(second) === local;
  return isRepeated && status !== UNSPECIFIED && (status & SUMMER) === 0 ? second : first;
}

/** The twelve octets in which a meter of this zone gives `t` (ms UTC). */
export function stampOf(t: number, zone: Zone): Uint8Array {
  return encodeDateTime(t, { deviation: -zone.offset(t) / 60_000, dst: isSummer(zone, t) });
}

/** Whether clocks are ahead at `t` of what they are half a year away. */
function isSummer(zone: Zone, t: number): boolean {
  return zone.offset(t) > Math.min(zone.offset(t - HALF_YEAR), zone.offset(t + HALF_YEAR));
}
