import type { Clock, HistorySource, LedgerSink, LiveSource, Log, PrincipalRecord, Zone } from '@smx-edge/model';
import type { Role, Roles } from './role.js';
import type { View } from './view.js';

export interface GateOptions {
  readonly live: LiveSource;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly history: HistorySource;
  readonly ledger: LedgerSink;
  readonly log: Log;
}

/** The one gate out: a view per principal. */
export interface Gate {
  /** Replaces all roles; every view is compiled anew. */
  setRoles(roles: Roles): void;
  /** Adds or replaces a principal. `role` is for principals whose role stands in no file (extension instances). */
  putPrincipal(principal: PrincipalRecord, role?: Role): void;
  removePrincipal(name: string): void;
  view(principal: string): View | undefined;
  /** Counts a refused access; summed per minute and key into the ledger. */
  deny(principal: string, what: string): void;
  close(): void;
}
