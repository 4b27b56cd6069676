import { SmxError } from '@smx-edge/model';
import type { Capabilities, Told } from '../driver.js';
import { modeCode, modeName, type Mode } from '../model/modes.js';
import { MODE, QUANTITIES } from '../model/quantities.js';
import { scaled } from '../model/scale.js';
import { MODE_SETPOINT, SETPOINTS } from '../model/setpoints.js';
import type { MapEntry, RouterMap } from './entry.js';

/** What a router with this map can do. */
export function capabilitiesOf({ entries, modes }: RouterMap<MapEntry>, shown: readonly MapEntry[]): Capabilities {
  return {
    modes,
    shown: new Set(shown.map(({ name }) => name)),
    measures: entries.map(({ name }) => name).filter((name) => SETPOINTS[name] === undefined),
    setpoints: new Map(entries.filter(({ isWritten }) => isWritten).map(({ name, bounds }) => [name, bounds])),
  };
}

/** A number on the wire as what it tells; null with the reason where it is no value. */
export function toldOf(entry: MapEntry, number: number, modes: readonly Mode[]): Told {
  const { name: path, none, sf, sign } = entry;
  const nothing = (reason: string): Told => ({ path, value: null, reason });
  if (Number.isNaN(number)) return nothing('the router gives no number');
  if (number === none) return nothing('the router says that it has none');
  if (path === MODE || path === MODE_SETPOINT) {
    const name = modeName(modes, scaled(number, sf));
    return name === undefined ? nothing(`the map has no mode ${scaled(number, sf)}`) : { path, value: name };
  }
  const value = scaled(number * sign, sf);
  const [least, most] = QUANTITIES[path]?.range ?? [-Infinity, Infinity];
  return value >= least && value <= most ? { path, value } : nothing(`${value} cannot be`);
}

/** A value as the number on the wire, not yet in the form of its field. Throws SMX_ROUTER_VALUE. */
export function numberOf(entry: MapEntry, value: number | string, modes: readonly Mode[]): number {
  const number = typeof value === 'number' ? value * entry.sign : modeCode(modes, value);
  if (number === undefined) throw new SmxError('SMX_ROUTER_VALUE', `The map has no mode ${value} for ${entry.name}`);
  return scaled(number, -entry.sf);
}
