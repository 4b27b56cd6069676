import type { ErrorEntry } from './entry.js';

export const TRANSPORT_ERRORS = {
  SMX_TRANSPORT_SOURCE: {
    class: 'config',
    status: 400,
    help: 'The source is not a URI of a known kind (serial:, tcp://, tcp-listen://, tls://, udp://, ws://, http://, file:).',
  },
  SMX_TRANSPORT_CONNECT: {
    class: 'retryable',
    status: 503,
    help: 'The line could not be opened; it is tried again for ever.',
  },
  SMX_TRANSPORT_ABSENT: {
    class: 'retryable',
    status: 503,
    help: 'The device of the line is not there (unplugged?); it is looked for again for ever.',
  },
  SMX_TRANSPORT_BUSY: {
    class: 'retryable',
    status: 503,
    help: 'Another holds the port, or what was to be written has not left yet.',
  },
  SMX_TRANSPORT_PERMISSION: {
    class: 'config',
    status: 403,
    help: 'The system denies access to the device; add the user of the service to its group (often dialout).',
  },
  SMX_TRANSPORT_UNSUPPORTED: {
    class: 'permanent',
    status: 501,
    help: 'This kind of line, or this adapter, cannot do that.',
  },
  SMX_TRANSPORT_IDLE: { class: 'retryable', status: 503, help: 'The line is open and silent.' },
  SMX_TRANSPORT_CLOSED: { class: 'retryable', status: 503, help: 'The line was closed.' },
} as const satisfies Record<string, ErrorEntry>;
