import type { ErrorEntry } from './entry.js';

export const COMMAND_ERRORS = {
  SMX_COMMAND_STALE: {
    class: 'permanent',
    status: 400,
    help: 'The issue time of the command is more than 60 s off the clock of the box; check both clocks.',
  },
  SMX_COMMAND_CLOCK: {
    class: 'retryable',
    status: 503,
    help: 'The clock of the box is not set, so times of day mean nothing; give the lease as `for`, or wait until it is.',
  },
  SMX_COMMAND_BOUNDS: {
    class: 'security',
    status: 403,
    help: 'The value is outside what the grant and the set-point allow; the message says from where to where.',
  },
  SMX_COMMAND_LEASE: {
    class: 'permanent',
    status: 400,
    help: 'A command needs a lease (`for` or `until`), no longer than the grant allows.',
  },
  SMX_COMMAND_PRIORITY: {
    class: 'security',
    status: 403,
    help: 'A command may lower the priority of its grant, never raise it.',
  },
  SMX_COMMAND_READ_ONLY: {
    class: 'permanent',
    status: 405,
    help: 'The point is no set-point; nothing writes to it. Meters are never written to.',
  },
  SMX_COMMAND_CONTROL_OFF: {
    class: 'config',
    status: 409,
    help: 'Commands do not reach this instance: set `control: on` in its section under `extensions:` and restart the core.',
  },
  SMX_COMMAND_REFUSED: {
    class: 'permanent',
    status: 409,
    help: 'The device refuses the command; the reason begins with the code of the device.',
  },
  SMX_COMMAND_UNREACHABLE: {
    class: 'retryable',
    status: 503,
    help: 'The instance of the set-point does not run now; `smx extensions` says why. Send it again under another id.',
  },
  SMX_COMMAND_FULL: {
    class: 'retryable',
    status: 503,
    help: 'More commands wait or hold than the box keeps; let some end, or cancel them.',
  },
  SMX_COMMAND_UNKNOWN: {
    class: 'permanent',
    status: 404,
    help: 'There is no such command or schedule of this principal, or it is forgotten (after 7 days).',
  },
  SMX_COMMAND_SCHEDULE: {
    class: 'permanent',
    status: 400,
    help: 'The schedule is not as the contract says; the message says where.',
  },
} as const satisfies Record<string, ErrorEntry>;
