import type { ErrorEntry } from './entry.js';

export const MODBUS_ERRORS = {
  SMX_MODBUS_EXCEPTION: {
    class: 'retryable',
    status: 502,
    help: 'The device refuses a Modbus request with an exception; the message has its number. 2: it has no such register. 4: check that control by Modbus is allowed in its settings. 6 and 11: it is busy or off.',
  },
  SMX_MODBUS_FRAME: {
    class: 'retryable',
    status: 502,
    help: 'What answers is no Modbus, or answers something else than was asked; the connection is made anew. Check host, port and unit.',
  },
  SMX_MODBUS_REQUEST: {
    class: 'permanent',
    status: 400,
    help: 'A Modbus request has more registers than one may have, or a unit, register or word that cannot be.',
  },
  SMX_MODBUS_TIMEOUT: {
    class: 'retryable',
    status: 504,
    help: 'A Modbus device did not answer in time. Check the unit number, and that the device is on and lets Modbus in.',
  },
} as const satisfies Record<string, ErrorEntry>;
