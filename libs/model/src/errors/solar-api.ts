import type { ErrorEntry } from './entry.js';

/** Codes of devices that speak the Fronius Solar API. */
export const SOLARAPI_ERRORS = {
  SMX_SOLARAPI_BODY: {
    class: 'retryable',
    status: 502,
    help: 'An answer of the device is no body of the Solar API, or was cut; nothing of it was taken. It is asked again.',
  },
  SMX_SOLARAPI_PAGE: {
    class: 'config',
    status: 502,
    help: 'The device answers with a web page: switch the Solar API on in its own page (Communication, Solar API), or correct the address in `api`.',
  },
  SMX_SOLARAPI_UNSUPPORTED: {
    class: 'permanent',
    status: 501,
    help: 'The device does not offer this request, often because it has no storage, meter or logger; the rest of it is read.',
  },
  SMX_SOLARAPI_ARGUMENT: {
    class: 'permanent',
    status: 400,
    help: 'The device takes an argument of the request for wrong, often because it has no inverter of that number.',
  },
  SMX_SOLARAPI_ABSENT: {
    class: 'retryable',
    status: 503,
    help: 'The logger does not reach that device: inverters are off at night, others may be unplugged. It is asked again.',
  },
  SMX_SOLARAPI_TIMEOUT: {
    class: 'retryable',
    status: 504,
    help: 'The logger waited in vain for the device behind it, which happens to one request of a hundred. It is asked again.',
  },
  SMX_SOLARAPI_REFUSED: {
    class: 'retryable',
    status: 502,
    help: 'The logger refused with a status that has no meaning of its own; the message has its words. It is asked again.',
  },
} as const satisfies Record<string, ErrorEntry>;
