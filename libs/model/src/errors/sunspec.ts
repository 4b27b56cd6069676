import type { ErrorEntry } from './entry.js';

/** Codes of devices that describe their registers by SunSpec models. */
export const SUNSPEC_ERRORS = {
  SMX_SUNSPEC_ABSENT: {
    class: 'config',
    status: 502,
    help: 'The unit answers by Modbus and is no SunSpec device. Check the unit number, and switch SunSpec on in the settings of the device.',
  },
  SMX_SUNSPEC_MOVED: {
    class: 'retryable',
    status: 502,
    help: 'The models of the device moved while they were read, as when its kind of numbers is switched; nothing of it was taken. They are looked for again.',
  },
} as const satisfies Record<string, ErrorEntry>;
