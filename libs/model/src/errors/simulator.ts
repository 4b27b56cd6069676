import type { ErrorEntry } from './entry.js';

export const SIMULATOR_ERRORS = {
  SMX_SIMULATOR_ADDRESS: {
    class: 'config',
    status: 500,
    help: 'A virtual device cannot listen at its address; is the port taken?',
  },
} as const satisfies Record<string, ErrorEntry>;
