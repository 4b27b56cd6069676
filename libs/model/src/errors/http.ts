import type { ErrorEntry } from './entry.js';

export const HTTP_ERRORS = {
  SMX_HTTP_NOT_FOUND: {
    class: 'permanent',
    status: 404,
    help: 'Nothing of this name exists, or nothing that this principal may see.',
  },
  SMX_HTTP_BAD_REQUEST: {
    class: 'permanent',
    status: 400,
    help: 'The request is not as the API description says; `errors` names where.',
  },
  SMX_HTTP_METHOD: {
    class: 'permanent',
    status: 405,
    help: 'This address does not take this method; `Allow` names those it takes.',
  },
  SMX_HTTP_MEDIA_TYPE: {
    class: 'permanent',
    status: 415,
    help: 'Bodies are JSON; send `Content-Type: application/json`.',
  },
  SMX_HTTP_ADDRESS: {
    class: 'config',
    status: 500,
    help: 'The HTTP API cannot listen at its address; is the port taken?',
  },
  SMX_HTTP_TOO_LARGE: { class: 'permanent', status: 413, help: 'The body is larger than this door takes.' },
  SMX_HTTP_CROSS_SITE: {
    class: 'security',
    status: 403,
    help: 'A session acts only for pages of the box itself; this request came from another site.',
  },
  SMX_HTTP_RATE: { class: 'retryable', status: 429, help: 'Too many requests; wait as Retry-After says.' },
  SMX_HTTP_UNREACHABLE: {
    class: 'retryable',
    status: 503,
    help: 'No core answers at this address; is `smx run` up, and is it this config?',
  },
  SMX_INTERNAL: { class: 'permanent', status: 500, help: 'A fault of the box itself; the log has its origin.' },
} as const satisfies Record<string, ErrorEntry>;
