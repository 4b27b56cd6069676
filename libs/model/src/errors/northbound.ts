import type { ErrorEntry } from './entry.js';

export const NORTHBOUND_ERRORS = {
  SMX_BROKER_ADDRESS: {
    class: 'config',
    status: 500,
    help: 'The local broker cannot listen at its address; is the port taken?',
  },
  SMX_MESSAGE_MALFORMED: {
    class: 'permanent',
    status: 400,
    help: 'The payload of a command, schedule or request is not the JSON the contract says; `reason` says where.',
  },
} as const satisfies Record<string, ErrorEntry>;
