import type { Zone } from '@smx-edge/model';
import { decodeStamp, joinStamp, type DataSet } from '@smx-edge/protocols/iec62056-21';
import { stampTime } from './meter-stamp.js';

/** Addresses of the clock (IEC 62056-61): time, date, and both in one. */
const TIME = new Set(['0.9.1', '1-0:0.9.1', '1-0:0.9.1*255']);
const DATE = new Set(['0.9.2', '1-0:0.9.2', '1-0:0.9.2*255']);
const BOTH = new Set(['1.0.0', '0.9.4', '0-0:1.0.0', '0-0:1.0.0*255', '1-0:0.9.4', '1-0:0.9.4*255']);

export interface ReadoutClock {
  /** ms UTC. */
  readonly t: number;
  /** Where the time stands in the readout, 0 to 1: the meter writes it when it comes to it. */
  readonly place: number;
}

/** Whether an address is one of the clock. */
export function isClock(address: string): boolean {
  return TIME.has(address) || DATE.has(address) || BOTH.has(address);
}

/** The meter's clock as a readout shows it; undefined where it does not, or shows no time. `near`: the present, ms UTC. */
export function readoutClock(sets: readonly DataSet[], zone: Zone, near: number): ReadoutClock | undefined {
  const find = (names: ReadonlySet<string>): number => sets.findIndex(({ address }) => names.has(address));
  const text = (at: number): string => sets[at]?.values[0]?.value.trim() ?? '';
  const both = find(BOTH);
  const time = find(TIME);
  const stamp = both >= 0 ? decodeStamp(text(both)) : joinStamp(text(find(DATE)), text(time));
  if (stamp === undefined) return undefined;
  return { t: stampTime(stamp, zone, near), place: Math.max(both, time) / sets.length };
}
