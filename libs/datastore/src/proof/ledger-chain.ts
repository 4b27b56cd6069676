import type { LedgerEntry } from '@smx-edge/model';
import { linkHash } from './hash.js';

/** The hash before the first entry. */
export const LEDGER_GENESIS = '0'.repeat(64);

/** Hash of an entry in its chain. */
export function ledgerHash(previous: string, { seq, t, kind, principal, data }: Omit<LedgerEntry, 'hash'>): string {
  return linkHash(previous, { seq, t, kind, principal, data });
}
