import { SmxError } from '@smx-edge/model';

/** A set-point within what the device can do; null stays null. Throws SMX_SIMULATOR_SETPOINT for what is no number. */
export function setPoint(
  what: string,
  value: number | null,
  { min, max }: { readonly min: number; readonly max: number },
): number | null {
  if (value === null) return null;
  if (!Number.isFinite(value))
    throw new SmxError('SMX_SIMULATOR_SETPOINT', `${what} takes a number from ${min} to ${max} or null, not ${value}`);
  return Math.min(max, Math.max(min, value));
}
