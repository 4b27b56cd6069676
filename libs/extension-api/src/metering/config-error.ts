import { nearest, SmxError, Zone } from '@smx-edge/model';

/** A key of the config that no meter can be read with, and what is expected of it. */
export function invalid(path: string, expected: string, cause?: unknown): SmxError {
  return new SmxError('SMX_CONFIG_INVALID', `The config of the meter needs ${path}: ${expected}`, {
    cause,
    details: [{ path, expected }],
  });
}

/** Throws SMX_CONFIG_INVALID. */
export function zoneOf(name: string): Zone {
  try {
    return new Zone(name);
  } catch (cause) {
    throw invalid('timezone', 'an IANA time zone like Europe/Rome', cause);
  }
}

/** What is known of the family of meters of this name. Throws SMX_CONFIG_INVALID. */
export function familyOf<T>(families: Readonly<Record<string, T>>, name: string): T {
  const found = families[name];
  if (found !== undefined) return found;
  const meant = nearest(name, Object.keys(families));
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  throw new SmxError('SMX_CONFIG_INVALID', `There is no meter profile "${name}"${hint}`, {
    details: [{ path: 'profile', expected: Object.keys(families).join(', ') }],
  });
}
