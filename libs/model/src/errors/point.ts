import type { ErrorEntry } from './entry.js';

export const POINT_ERRORS = {
  SMX_POINT_PATH: { class: 'permanent', status: 400, help: 'A point path is lower case segments `device/quantity…`.' },
  SMX_POINT_FILTER: { class: 'permanent', status: 400, help: 'A filter is an MQTT topic filter on whole segments.' },
  SMX_POINT_UNKNOWN: { class: 'permanent', status: 404, help: 'No such point, or none that this principal may see.' },
  SMX_POINT_TYPE: { class: 'permanent', status: 400, help: 'The value is not of the type of the point.' },
  SMX_POINT_UNDECLARED: {
    class: 'security',
    status: 403,
    help: 'An extension wrote a point that it had not declared.',
  },
  SMX_POINT_OWNED: {
    class: 'config',
    status: 409,
    help: 'Another instance owns this point or device; choose another device name.',
  },
  SMX_POINT_DEFINITION: {
    class: 'permanent',
    status: 400,
    help: 'A point was declared with a device, type, kind or max age that does not exist.',
  },
} as const satisfies Record<string, ErrorEntry>;
