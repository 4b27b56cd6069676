import type { ErrorCode } from '@smx-edge/model';

/** Why an answer holds nothing to read; `fault` says what to do where something can be done. */
export interface SolarApiFault {
  readonly code: ErrorCode;
  readonly fault: string;
  /** `Head.Status.Code` where the device gave one. */
  readonly status?: number;
}

interface Status {
  readonly code: ErrorCode;
  readonly means: string;
}

const NOT_SUPPORTED: Status = { code: 'SMX_SOLARAPI_UNSUPPORTED', means: 'the device does not offer this' };
const LINE: Status = { code: 'SMX_SOLARAPI_TIMEOUT', means: 'the device behind the logger did not answer' };

/** `Head.Status.Code` of the Fronius Solar API V1 (Operating Instructions, "Common error codes"). */
const STATUSES: Readonly<Record<number, Status>> = {
  1: NOT_SUPPORTED,
  5: { code: 'SMX_SOLARAPI_TIMEOUT', means: 'the logger gave up waiting' },
  6: { code: 'SMX_SOLARAPI_ARGUMENT', means: 'an argument of the request is wrong' },
  7: LINE,
  8: LINE,
  11: NOT_SUPPORTED,
  12: { code: 'SMX_SOLARAPI_ABSENT', means: 'no such device, or it is switched off' },
};
const UNKNOWN: Status = { code: 'SMX_SOLARAPI_REFUSED', means: 'the logger refused' };

/** The fault a status other than 0 means. A Datamanager says "not supported" with 255, in words only. */
export function statusFault(status: number, reason: string): SolarApiFault {
  const known = STATUSES[status] ?? (/not supported/i.test(reason) ? NOT_SUPPORTED : UNKNOWN);
  return { code: known.code, fault: `${known.means} (status ${status}${reason === '' ? '' : `: ${reason}`})`, status };
}
