import type { ErrorEntry } from './entry.js';

/** Codes of charge points behind the OCPP proxy. */
export const OCPP_ERRORS = {
  SMX_OCPP_ABSENT: {
    class: 'retryable',
    status: 503,
    help: 'The charge point is not connected through this box, so nothing can be sent to it. Check its network and that it dials the address of the instance.',
  },
  SMX_OCPP_PACE: {
    class: 'retryable',
    status: 429,
    help: 'The same was sent to the charge point a moment ago; the answer says when it may be sent again. `inject-every` of the instance sets the time.',
  },
  SMX_OCPP_PAYLOAD: {
    class: 'permanent',
    status: 400,
    help: 'The payload of a call to a charge point is too large to be sent.',
  },
  SMX_OCPP_UNANSWERED: {
    class: 'retryable',
    status: 504,
    help: 'The charge point did not say whether it took the limit; it is taken back as soon as it answers again.',
  },
  SMX_OCPP_LIMIT: {
    class: 'permanent',
    status: 409,
    help: 'The charge point takes no charging profile of any kind: it cannot be limited over OCPP. See the call `status` of the instance for what it answered.',
  },
  SMX_OCPP_OVERRULED: {
    class: 'permanent',
    status: 409,
    help: 'A profile of the back end for the running transaction counts in place of the limit, and the charge point takes none beside it.',
  },
} as const satisfies Record<string, ErrorEntry>;
