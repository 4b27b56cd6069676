import type { Settings } from './settings.js';
import { ENERGIES } from './site/energy-table.js';
import type { DevicePart } from './site/site-devices.js';

/** For how long counters are waited for: those that have a register, over a night in which it cannot be read; those that may have one; ms. */
const [NIGHT, HOUR, MINUTE] = [36 * 3_600_000, 3_600_000, 60_000];

/** Usual time between two powers of a device, and for how long its counters are waited for before others count, ms. */
export function rhythmOf(
  part: DevicePart,
  { modbus, api }: Settings,
): { readonly period: number; readonly settle: number } {
  const { kind, place, points } = part;
  const { positive, negative } = ENERGIES[kind];
  const counts = points.some(({ path }) => path === positive || path === negative);
  const hasRegister = kind === 'inverter' || counts;
  if (api === undefined) return { period: modbus!.poll, settle: hasRegister ? NIGHT : MINUTE };
  const settle = modbus === undefined ? 2 * api.slow : hasRegister ? NIGHT : HOUR;
  // what is no meter of the connection is asked more rarely
  const isRare = kind === 'ohmpilot' || (kind === 'meter' && place !== 'feed-in');
  return { period: isRare && modbus === undefined ? api.slow : api.fast, settle };
}
