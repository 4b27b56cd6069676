import { SmxError } from '@smx-edge/model';

/** A JSON object given as text on the command line. Throws SMX_CONFIG_INVALID. */
export function jsonObject(name: string, given: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (cause) {
    throw new SmxError('SMX_CONFIG_INVALID', `${name} takes a JSON object like '{"device":"x"}', not ${given}`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SmxError('SMX_CONFIG_INVALID', `${name} takes a JSON object like '{"device":"x"}', not ${given}`);
  return value as Record<string, unknown>;
}
