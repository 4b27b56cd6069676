import { createHash } from 'node:crypto';
import { describeError, type Clock, type LedgerSink, type Log } from '@smx-edge/model';
import { BUILT_IN_ROLES, type Role, type Roles } from '@smx-edge/access';

/** An entry of the ledger takes 64 KiB; roles beyond are named only. */
const MOST_TEXT = 40_000;
const KEY = 'roles';

export interface RoleLedgerOptions {
  readonly roles: Roles;
  readonly store: LedgerSink & {
    stateGet(instance: string, key: string): Promise<unknown>;
    stateSet(instance: string, key: string, value: unknown): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Writes into the ledger which roles in force differ from those of the last start, with the hash of all. */
export async function ledgerRoles({ roles, store, clock, log }: RoleLedgerOptions): Promise<void> {
  const now = Object.fromEntries([...roles].filter(([name, role]) => BUILT_IN_ROLES.get(name) !== role));
  try {
    const before = ((await store.stateGet('core', KEY)) ?? {}) as Readonly<Record<string, Role>>;
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
    if (changed.length === 0) return;
    const hash = createHash('sha256').update(JSON.stringify(now)).digest('hex');
    const changes = changed.map((role) => ({ role, before: before[role] ?? null, after: now[role] ?? null }));
    const whole = JSON.stringify(changes).length <= MOST_TEXT;
    const data = { roles: hash, changes: whole ? changes : changed.slice(0, 500).map((role) => ({ role })) };
    store.append({ t: clock.now(), kind: 'grant', principal: 'core', data });
    await store.stateSet('core', KEY, now);
  } catch (error) {
    log.warn('the roles in force could not be compared with those of the last start', { error: describeError(error) });
  }
}
