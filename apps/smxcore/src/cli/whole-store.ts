import { SmxError, type Zone } from '@smx-edge/model';
import type { Store } from '@smx-edge/datastore';
import { text, type Invocation } from './command.js';
import { configFile, targetOf, type Target } from './target.js';

/** Asks the running core; where none runs on the box's own data folder, opens the whole store. */
export async function atStore<T>(
  invocation: Invocation,
  work: {
    readonly online: (target: Target) => Promise<T>;
    readonly offline: (store: Store, zone: Zone) => Promise<T>;
  },
): Promise<T> {
  const elsewhere = text(invocation, 'url') !== undefined || text(invocation, 'token') !== undefined;
  try {
    return await work.online(targetOf(invocation));
  } catch (error) {
    if (elsewhere || !(error instanceof SmxError) || error.code !== 'SMX_HTTP_UNREACHABLE') throw error;
    const { withStore } = await import('../core/offline-store.js');
    return withStore(configFile(invocation), work.offline);
  }
}
