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
    help: 'The same was sent to the charge point a moment ago, or parties together sent it as much as they may; nothing was sent now, and the answer says when it may be sent again. `inject-every` and `inject-per-minute` of the instance set it.',
  },
  SMX_OCPP_PAYLOAD: {
    class: 'permanent',
    status: 400,
    help: 'The charge point was not sent this call: its version of OCPP has no such action, the payload does not fit the schema of that version, or it is too large. The answer says where and what.',
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
