import type { Zone } from '@smx-edge/model';
import { decodeAddress, decodeStamp, joinStamp, type DataSet } from '@smx-edge/protocols/iec62056-21';
import { stampTime } from './meter-stamp.js';

/** What an address of the clock shows (IEC 62056-61: 0.9.1, 0.9.2, 0.9.4, 1.0.0), whatever its medium and channel. */
type Part = 'time' | 'date' | 'both';

const PARTS: Readonly<Record<string, Part>> = { '0.9.1': 'time', '0.9.2': 'date', '0.9.4': 'both', '1.0.0': 'both' };

function partOf(address: string): Part | undefined {
  const decoded = decodeAddress(address);
  if (decoded === undefined || decoded.stored !== undefined) return undefined;
  return PARTS[`${decoded.c}.${decoded.d}.${decoded.e}`];
}

export interface ReadoutClock {
  /** ms UTC. */
  readonly t: number;
  /** Where the time stands in the readout, 0 to 1: the meter writes it when it comes to it. */
  readonly place: number;
}

/** Whether an address is one of the clock. */
export function isClock(address: string): boolean {
  return partOf(address) !== undefined;
}

/** The meter's clock as a readout shows it; undefined where it does not, or shows no time. `near`: the present, ms UTC. */
export function readoutClock(sets: readonly DataSet[], zone: Zone, near: number): ReadoutClock | undefined {
  const find = (part: Part): number => sets.findIndex(({ address }) => partOf(address) === part);
  const text = (at: number): string => sets[at]?.values[0]?.value.trim() ?? '';
  const both = find('both');
  const time = find('time');
  const stamp = both >= 0 ? decodeStamp(text(both)) : joinStamp(text(find('date')), text(time));
  if (stamp === undefined) return undefined;
  return { t: stampTime(stamp, zone, near), place: Math.max(both, time) / sets.length };
}
