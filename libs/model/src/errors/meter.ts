import type { ErrorEntry } from './entry.js';

export const METER_ERRORS = {
  SMX_METER_SILENT: {
    class: 'retryable',
    status: 504,
    help: 'The meter did not answer, or the line to it was cut. Check cable, speed and address; it is asked again.',
  },
  SMX_METER_BUSY: {
    class: 'retryable',
    status: 503,
    help: 'The meter wants no association now, often because another reader has one or one was cut. It is asked again later.',
  },
  SMX_METER_REFUSED: {
    class: 'security',
    status: 403,
    help: 'The meter refused client, password or key. Nothing is tried again until the config of the instance changes, because meters lock themselves for hours.',
  },
  SMX_METER_MODE: {
    class: 'config',
    status: 409,
    help: 'The meter speaks another mode, or another speed, than it is asked for. Change `mode`, `baud` or the extension that reads it; it is asked again after a long pause.',
  },
  SMX_METER_OBJECT: {
    class: 'permanent',
    status: 404,
    help: 'The meter has no such object, or does not show it to this client.',
  },
  SMX_METER_OTHER: {
    class: 'config',
    status: 409,
    help: 'Another meter answers than the one the config names by its serial number; nothing of it is taken. Change `serial` where the meter was exchanged.',
  },
} as const satisfies Record<string, ErrorEntry>;
