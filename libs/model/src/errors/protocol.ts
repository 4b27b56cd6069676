import type { ErrorEntry } from './entry.js';

export const PROTOCOL_ERRORS = {
  SMX_PROTOCOL_ENCODE: {
    class: 'permanent',
    status: 500,
    help: 'A value does not fit the field of the frame that should carry it.',
  },
  SMX_PROTOCOL_KEY: {
    class: 'config',
    status: 400,
    help: 'A key or authentication data is not hexadecimal of the right length.',
  },
} as const satisfies Record<string, ErrorEntry>;
