import type { ErrorEntry } from './entry.js';

export const RECORD_ERRORS = {
  SMX_PROFILE_INVALID: {
    class: 'permanent',
    status: 400,
    help: 'A load profile or a row of one is not as the contract says; the message names what.',
  },
  SMX_PROFILE_CHANGED: {
    class: 'config',
    status: 409,
    help: 'Rows are kept under other columns or another period; keep the new ones under another id.',
  },
  SMX_PROFILE_CONFLICT: {
    class: 'security',
    status: 409,
    help: 'A row of this end is kept with other content; kept rows never change. Compare meter and box.',
  },
  SMX_PROFILE_FULL: {
    class: 'permanent',
    status: 503,
    help: 'The box keeps no more load profiles; use the ids that are there.',
  },
  SMX_EVENT_FILE: {
    class: 'permanent',
    status: 400,
    help: 'A file of an event has no safe name or media type, or there are too many bytes; the message says which.',
  },
  SMX_EVENT_FILE_GONE: {
    class: 'permanent',
    status: 410,
    help: 'The file was deleted to stay within the bound of files; the event that says so has when.',
  },
} as const satisfies Record<string, ErrorEntry>;
