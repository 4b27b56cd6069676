import { systemClock, type LedgerEntry, type PrincipalKind } from '@smx-edge/model';
import { Principals, type NewUser } from '@smx-edge/access';
import { openStoreForAdmin, type AuditVerdict, type StoreAdmin } from '@smx-edge/datastore';
import { configError, loadConfig } from '../config/index.js';
import type { TokenAnswer, TokenRow } from '../http/answers.js';
import { tokenAnswer, tokenRow } from '../http/tokens/token-answers.js';
import { loadRoles } from './roles.js';

export interface TokenWish {
  readonly role: string;
  readonly name?: string;
  readonly alias?: string;
  /** ms UTC. */
  readonly expires?: number;
}

export interface UserDesk {
  add(user: NewUser): Promise<TokenRow>;
  passwd(name: string, password: string): Promise<void>;
  list(): Promise<TokenRow[]>;
  remove(name: string): Promise<void>;
}

export interface TokenDesk {
  create(wish: TokenWish): Promise<TokenAnswer>;
  list(): Promise<TokenRow[]>;
  revoke(name: string): Promise<void>;
}

interface LedgerDesk {
  verify(): Promise<AuditVerdict>;
  /** The lines of an export. */
  lines(): AsyncIterable<object>;
  /** All entries in order. */
  entries(): AsyncIterable<LedgerEntry>;
}

/** A data folder on which no core runs. */
export interface FolderDesk {
  readonly tokens: TokenDesk;
  readonly users: UserDesk;
  readonly ledger: LedgerDesk;
}

/** Opens the data folder of a config for `work` and closes it again. Throws SMX_STORE_LOCKED where a core has it. */
export async function withDataFolder<T>(file: string, work: (desk: FolderDesk) => Promise<T>): Promise<T> {
  const { config, document, problems } = loadConfig(file);
  if (config === undefined || document === undefined) throw configError(problems);
  const { roles, problems: roleProblems } = loadRoles(config, document);
  // without its roles file a token could be refused or made under a role of another meaning
  if (roleProblems.length > 0) throw configError(roleProblems);
  const store = await openStoreForAdmin(config.data);
  try {
    const reserved = config.named.map(({ name }) => name);
    const principals = new Principals({
      store,
      clock: systemClock,
      ledger: store,
      roles: () => roles,
      reserved: () => reserved,
    });
    try {
      return await work({ tokens: tokenDesk(principals), users: userDesk(principals), ledger: ledgerDesk(store) });
    } finally {
      principals.close();
    }
  } finally {
    await store.close();
  }
}

function ledgerDesk(store: StoreAdmin): LedgerDesk {
  return {
    verify: () => store.verifyLedger(),
    lines: () => store.evidence(),
    entries: async function* () {
      for (let from = 1; ;) {
        const entries = await store.ledger({ from });
        if (entries.length === 0) return;
        yield* entries;
        from = entries.at(-1)!.seq + 1;
      }
    },
  };
}

const rowsOf = (principals: Principals, kind: PrincipalKind): TokenRow[] =>
  principals
    .list()
    .filter((record) => record.kind === kind)
    .map(tokenRow);

function tokenDesk(principals: Principals): TokenDesk {
  return {
    create: async (wish) => tokenAnswer(await principals.createToken(wish)),
    list: async () => rowsOf(principals, 'token'),
    revoke: (name) => principals.revoke(name, 'token'),
  };
}

function userDesk(principals: Principals): UserDesk {
  return {
    add: async (user) => tokenRow(await principals.createUser(user)),
    passwd: (name, password) => principals.setPassword(name, password),
    list: async () => rowsOf(principals, 'user'),
    remove: (name) => principals.revoke(name, 'user'),
  };
}
