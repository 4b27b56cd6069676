import type { ErrorEntry } from './entry.js';

export const CONFIG_ERRORS = {
  SMX_CONFIG_UNREADABLE: {
    class: 'config',
    status: 500,
    help: 'The config file cannot be read; check its path and rights.',
  },
  SMX_CONFIG_SYNTAX: { class: 'config', status: 400, help: 'The file is not valid YAML; the message names the line.' },
  SMX_CONFIG_INVALID: {
    class: 'config',
    status: 400,
    help: 'A value is not what the schema expects; the message names file, line and what was expected.',
  },
  SMX_CONFIG_UNKNOWN_KEY: {
    class: 'config',
    status: 400,
    help: 'A key that the schema does not have; the message offers the nearest one.',
  },
  SMX_CONFIG_PRIVACY: {
    class: 'config',
    status: 400,
    help: 'Grants of one role together show what one of them holds back by window, rounding or delay; narrow the finer one.',
  },
  SMX_CONFIG_SECRET: { class: 'config', status: 400, help: 'A secret given as ${ENV} or file: could not be resolved.' },
} as const satisfies Record<string, ErrorEntry>;
