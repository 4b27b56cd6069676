import type { Settings } from './settings.js';
import type { Way } from './site/blend.js';
import { ENERGIES } from './site/energy-table.js';
import type { DevicePart } from './site/site-devices.js';

/** For how long counters are waited for: those that have a register, over a night in which it cannot be read; those that may have one; others; ms. */
const [NIGHT, HOUR, MINUTE] = [36 * 3_600_000, 3_600_000, 60_000];

/** Usual time between two powers of a device, and for how long its counters are waited for before others count, ms. */
export interface Rhythm {
  readonly period: number;
  readonly settle: number;
}

/** By the first reading of a device, and the way it came. */
export function rhythmOf(way: Way, part: DevicePart, { modbus, api }: Settings): Rhythm {
  const isKnown = way === 'modbus';
  const settle = modbus === undefined ? 2 * api!.slow : hasRegister(part) ? NIGHT : isKnown ? MINUTE : HOUR;
  if (api === undefined) return { period: modbus!.poll, settle };
  // what is no meter of the connection is asked more rarely
  const { kind, place } = part;
  const isRare = kind === 'ohmpilot' || (kind === 'meter' && place !== 'feed-in');
  return { period: isRare && modbus === undefined ? api.slow : api.fast, settle };
}

/** One that shows nothing beside a power is there and does not count. */
function hasRegister({ kind, points }: DevicePart): boolean {
  const { power, positive, negative } = ENERGIES[kind];
  const energies = points.filter(({ path }) => path === positive || path === negative);
  const isAwake = points.some(({ path, value }) => path === power && value !== null);
  return kind === 'inverter' || energies.some(({ value }) => value !== null) || (energies.length > 0 && !isAwake);
}
