import type { MeterPlace } from '@smx-edge/protocols/solar-api';

/** What a way says of who a device is. */
export interface Identity {
  readonly kind: 'inverter' | 'pv' | 'battery' | 'meter' | 'ohmpilot';
  /** Number within its kind on this way; of an inverter, and what stands behind it, that of the logger, which is its Modbus unit. */
  readonly number: string;
  /** All serial numbers it goes by. */
  readonly serials: readonly string[];
  /** Of a meter. */
  readonly place?: MeterPlace;
  readonly location?: number;
}

const plain = (serial: string): string => serial.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether both have a serial number in common, however it is written. */
export function sharesSerial(a: Identity, b: Identity): boolean {
  const known = new Set(a.serials.map(plain));
  return b.serials.some((serial) => known.has(plain(serial)));
}

/**
 * Whether what two ways to the same host tell of is one device though no serial number says so: a logger gives its inverters their
 * Modbus units as numbers, and there is one connection.
 */
export function fitsByPlace(a: Identity, b: Identity): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'meter') return a.place === 'feed-in' && b.place === 'feed-in';
  return a.number === b.number;
}

/** Whether the number is that of a place, which it keeps when the device is exchanged; loggers number their other meters anew. */
export const hasPlace = ({ kind, place }: Identity): boolean =>
  kind === 'meter' ? place === 'feed-in' : kind !== 'ohmpilot';

/** By what a device is known over restarts, the surest first. */
export function keysOf({ kind, serials, number, place }: Identity): string[] {
  return [...serials.map((serial) => `${kind}:${plain(serial)}`), `${kind}@${place ?? ''}${number}`];
}

const BY_PLACE: Readonly<Record<MeterPlace, string>> = {
  ...{ 'feed-in': 'pcc', consumption: 'load', generator: 'generator', battery: 'battery-meter' },
  ...{ 'sub-load': 'load', ev: 'ev', storage: 'storage', unknown: 'meter' },
};
const ALONE: readonly MeterPlace[] = ['feed-in', 'consumption', 'generator', 'battery'];

/** How a device is called where nobody says otherwise; the first of its kind has the plain name. */
export function usualName({ kind, number, place, location }: Identity): string {
  if (kind !== 'meter') return kind;
  if (place === undefined) return 'meter';
  return ALONE.includes(place) ? BY_PLACE[place] : `${BY_PLACE[place]}-${location ?? number}`;
}
