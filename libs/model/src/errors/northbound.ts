import type { ErrorEntry } from './entry.js';

export const NORTHBOUND_ERRORS = {
  SMX_BROKER_ADDRESS: { class: 'config', status: 500, help: 'The local broker cannot listen at its address; is the port taken?' },
} as const satisfies Record<string, ErrorEntry>;
