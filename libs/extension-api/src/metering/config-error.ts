import { SmxError } from '@smx-edge/model';

/** A key of the config that no meter can be read with, and what is expected of it. */
export function invalid(path: string, expected: string, cause?: unknown): SmxError {
  return new SmxError('SMX_CONFIG_INVALID', `The config of the meter needs ${path}: ${expected}`, {
    cause,
    details: [{ path, expected }],
  });
}
