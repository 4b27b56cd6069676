import { LoginGuard, Principals, type Gate, type Roles } from '@smx-edge/access';
import type { Store } from '@smx-edge/datastore';
import type { Clock, Disposable, Log } from '@smx-edge/model';
import type { Config } from '../config/index.js';
import { Sessions } from '../http/session/sessions.js';
import type { Ends } from './ends.js';
import { LOCAL } from './proof.js';
import { SetupCode } from './setup-code.js';

interface UserParts {
  readonly config: Config;
  readonly gate: Gate;
  readonly roles: Roles;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly ends: Ends;
}

export interface Users {
  readonly principals: Principals;
  readonly logins: LoginGuard;
  readonly sessions: Sessions;
  readonly setup: SetupCode;
}

/** Who may ask, and how they prove it: tokens, users, sessions, the set-up code. */
export function openUsers({ config, gate, roles, store, clock, log, ends }: UserParts): Users {
  const reserved = config.named.map(({ name }) => name);
  const principals = new Principals({ store, clock, ledger: store, roles: () => roles, reserved: () => reserved });
  ends.add('the principals', () => principals.close());
  const following = admitPrincipals({ gate, principals, clock });
  ends.add('the principals of the gate', () => following.dispose());
  const logins = new LoginGuard({ book: principals, clock, deny: (who, what) => gate.deny(who, what) });
  ends.add('the logins', () => logins.close());
  const sessions = new Sessions({ principals, clock });
  ends.add('the sessions', () => sessions.close());
  const setup = new SetupCode({ dataFolder: config.data, principals, logins, gate, log });
  ends.add('the set-up code', () => setup.close());
  return { principals, logins, sessions, setup };
}

/** Puts who may ask into the gate, now and as it changes. */
function admitPrincipals({
  gate,
  principals,
  clock,
}: {
  gate: Gate;
  principals: Principals;
  clock: Clock;
}): Disposable {
  gate.putPrincipal({ name: LOCAL, kind: 'local', role: 'owner', created: clock.now() });
  for (const record of principals.list())
    if (record.expires === undefined || record.expires > clock.now()) gate.putPrincipal(record);
  return principals.onChange((kind, record) => {
    if (kind === 'added') gate.putPrincipal(record);
    else gate.removePrincipal(record.name);
  });
}
