import type { ErrorEntry } from './entry.js';

export const TRANSPORT_ERRORS = {
  SMX_TRANSPORT_SOURCE: { class: 'config', status: 400, help: 'The source is not a URI of a known kind (serial:, tcp://, tcp-listen://, tls://, udp://, ws://, http://, file:).' },
  SMX_TRANSPORT_CONNECT: { class: 'retryable', status: 503, help: 'The line could not be opened; it is tried again for ever.' },
  SMX_TRANSPORT_IDLE: { class: 'retryable', status: 503, help: 'The line is open and silent.' },
  SMX_TRANSPORT_CLOSED: { class: 'retryable', status: 503, help: 'The line was closed.' },
} as const satisfies Record<string, ErrorEntry>;
