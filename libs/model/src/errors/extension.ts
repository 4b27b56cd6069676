import type { ErrorEntry } from './entry.js';

export const EXTENSION_ERRORS = {
  SMX_NOT_AVAILABLE: { class: 'permanent', status: 501, help: 'This version of the box does not offer this yet.' },
  SMX_EXTENSION_UNKNOWN: {
    class: 'config',
    status: 404,
    help: 'No extension of this name is installed; `smx extensions` lists them.',
  },
  SMX_EXTENSION_MANIFEST: {
    class: 'config',
    status: 400,
    help: 'The `smx` section of the package is not as the contract says.',
  },
  SMX_EXTENSION_API: {
    class: 'config',
    status: 400,
    help: 'The extension asks for another version of the extension API than this box has.',
  },
  SMX_EXTENSION_CONFIG: {
    class: 'config',
    status: 400,
    help: 'The config of the instance does not fit the schema of its extension.',
  },
  SMX_EXTENSION_PERMISSION: {
    class: 'security',
    status: 403,
    help: 'The extension did something its manifest does not declare or the operator did not allow.',
  },
  SMX_EXTENSION_LIMIT: {
    class: 'permanent',
    status: 503,
    help: 'The instance went over a limit of memory, points, samples or state; see `limits:`.',
  },
  SMX_EXTENSION_START: { class: 'retryable', status: 503, help: 'The instance could not start; the reason follows.' },
  SMX_EXTENSION_DIED: {
    class: 'retryable',
    status: 503,
    help: 'The process of the instance ended by itself; it is restarted by the rule.',
  },
  SMX_EXTENSION_QUARANTINED: {
    class: 'permanent',
    status: 503,
    help: 'The instance died too early too often; repair it and restart it by hand.',
  },
  SMX_EXTENSION_TIMEOUT: { class: 'retryable', status: 504, help: 'The instance did not answer in time.' },
  SMX_EXTENSION_CALL: {
    class: 'permanent',
    status: 404,
    help: 'The instance offers no call of this name, or its arguments do not fit.',
  },
} as const satisfies Record<string, ErrorEntry>;
