import { ERROR_CODES, SmxError, type ErrorCode } from '@smx-edge/model';
import type { CommandRecord } from '@smx-edge/control';

/** A command that was refused before any device heard of it is a problem of the request. */
export function refuseWhere({ stages, outcome }: CommandRecord): void {
  const refusal = stages.find(({ state }) => state === 'refused');
  if (outcome !== 'refused' || refusal === undefined || stages.length > 2) return;
  const { code = '', reason = 'refused' } = refusal;
  if (code in ERROR_CODES) throw new SmxError(code as ErrorCode, reason);
}
