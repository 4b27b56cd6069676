import type { ErrorEntry } from './entry.js';

/** Codes of Energy Routers. */
export const ROUTER_ERRORS = {
  SMX_ROUTER_MAP: {
    class: 'config',
    status: 400,
    help: 'The map of an Energy Router cannot be used; the message names file, line, entry and what was expected there. Correct it and restart the instance.',
  },
  SMX_ROUTER_ANSWER: {
    class: 'retryable',
    status: 502,
    help: 'A resource of the Energy Router answers with what is no JSON, or refuses the request; the message says which. Check the paths of the map, and the login in `source`.',
  },
  SMX_ROUTER_VALUE: {
    class: 'permanent',
    status: 400,
    help: 'The wire to the Energy Router cannot carry this value, or has no such set-point; nothing was written.',
  },
} as const satisfies Record<string, ErrorEntry>;
