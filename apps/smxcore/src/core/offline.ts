import { systemClock } from '@smx-edge/model';
import { Principals } from '@smx-edge/access';
import { openStoreForAdmin } from '@smx-edge/datastore';
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

/** Tokens of a data folder on which no core runs. */
export interface TokenDesk {
  create(wish: TokenWish): Promise<TokenAnswer>;
  list(): Promise<TokenRow[]>;
  revoke(name: string): Promise<void>;
}

/** Opens the data folder of a config for `work` and closes it again. Throws SMX_STORE_LOCKED where a core has it. */
export async function withDataFolder<T>(file: string, work: (desk: TokenDesk) => Promise<T>): Promise<T> {
  const { config, problems } = loadConfig(file);
  if (config === undefined) throw configError(problems);
  const { roles, problems: roleProblems } = loadRoles(config);
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
      return await work({
        create: async (wish) => tokenAnswer(await principals.createToken(wish)),
        list: async () => principals.list().map(tokenRow),
        revoke: (name) => principals.revoke(name),
      });
    } finally {
      principals.close();
    }
  } finally {
    await store.close();
  }
}
