import type { ErrorEntry } from './entry.js';

export const COMMAND_ERRORS = {
  SMX_COMMAND_STALE: {
    class: 'permanent',
    status: 400,
    help: 'The issue time of the command is more than 60 s off the clock of the box; check both clocks.',
  },
} as const satisfies Record<string, ErrorEntry>;
