import type { Frame } from '../frame/frame.js';
import { textAt } from '../json.js';

/**
 * How a station took a profile. `rejected`: not this one; `not-supported`: none of this purpose; `not-implemented`: it knows no
 * smart charging; `failed`: it did not say, and may have taken it.
 */
export type ProfileOutcome = 'accepted' | 'rejected' | 'not-supported' | 'not-implemented' | 'failed';

const STATUSES: Readonly<Record<string, ProfileOutcome>> = {
  Accepted: 'accepted',
  Rejected: 'rejected',
  NotSupported: 'not-supported',
};
/** Codes that mean the action itself (OCPP-J 1.6 §4.2.3). */
const UNKNOWN_ACTION: readonly string[] = ['NotImplemented', 'NotSupported'];

/** From the answer to a SetChargingProfile (1.6 ed.2 chapter 7 ChargingProfileStatus); undefined where none came. */
export function profileOutcome(answer: Frame | undefined): ProfileOutcome {
  if (answer === undefined) return 'failed';
  if (answer.kind === 'error') {
    if (answer.code === 'InternalError') return 'failed';
    return UNKNOWN_ACTION.includes(answer.code ?? '') ? 'not-implemented' : 'rejected';
  }
  const status = textAt(answer.payload, 'status') ?? '';
  return Object.hasOwn(STATUSES, status) ? STATUSES[status]! : 'failed';
}
