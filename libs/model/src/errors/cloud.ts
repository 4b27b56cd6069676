import type { ErrorEntry } from './entry.js';

/** Codes of the cloud side (`apps/gesscon`). */
export const CLOUD_ERRORS = {
  SMX_CLOUD_DATABASE: {
    class: 'retryable',
    status: 503,
    help: 'The database of the cloud controller did not answer or refused; nothing was acknowledged, so boxes send it again. Check `database:` and the server.',
  },
  SMX_CLOUD_BROKER: {
    class: 'retryable',
    status: 503,
    help: 'The cloud controller is not connected to its broker, or may not read or write there; check `broker:` and what the login may do.',
  },
  SMX_CLOUD_SITE: {
    class: 'permanent',
    status: 404,
    help: 'No box of this name has ever been heard by the cloud controller; names are the segment after `smx/1/` of its topics.',
  },
} as const satisfies Record<string, ErrorEntry>;
