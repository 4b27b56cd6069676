import type { PrincipalRecord } from '@smx-edge/model';
import type { TokenAnswer, TokenRow } from '../answers.js';

export function tokenAnswer({ token, record }: { token: string; record: PrincipalRecord }): TokenAnswer {
  return { token, principal: record.name, role: record.role, expires: record.expires ?? null };
}

export function tokenRow(record: PrincipalRecord): TokenRow {
  return {
    principal: record.name,
    kind: record.kind,
    role: record.role,
    alias: record.alias ?? null,
    created: record.created,
    expires: record.expires ?? null,
  };
}
