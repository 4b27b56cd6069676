import type { ErrorEntry } from './entry.js';

export const SIMULATOR_ERRORS = {
  SMX_SIMULATOR_ADDRESS: {
    class: 'config',
    status: 500,
    help: 'A virtual device cannot listen at its address; is the port taken?',
  },
  SMX_SIMULATOR_SETPOINT: {
    class: 'config',
    status: 400,
    help: 'A set-point or command for the virtual site is not what it takes; the message says what it takes.',
  },
} as const satisfies Record<string, ErrorEntry>;
