import type { ErrorEntry } from './entry.js';

export const CLI_ERRORS = {
  SMX_CLI_USAGE: {
    class: 'permanent',
    status: 400,
    help: 'The command line is not what the command takes; `smx COMMAND --help` says what it takes. Exit status 2.',
  },
} as const satisfies Record<string, ErrorEntry>;
