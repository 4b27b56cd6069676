import { SmxError, type Zone } from '@smx-edge/model';
import type { Store } from '@smx-edge/datastore';
import type { FolderDesk } from '../core/offline.js';
import { text, type Invocation } from './command.js';
import { configFile, targetOf, type Target } from './target.js';

type Online<T> = (target: Target) => Promise<T>;

/** Asks the running core; where none runs on the box's own data folder, works on the folder itself. */
export async function atDesk<T>(
  invocation: Invocation,
  { online, offline }: { readonly online: Online<T>; readonly offline: (desk: FolderDesk) => Promise<T> },
): Promise<T> {
  return orElse(invocation, online, async () => {
    const { withDataFolder } = await import('../core/offline.js');
    return withDataFolder(configFile(invocation), offline);
  });
}

/** As `atDesk`, with the whole store where no core runs. */
export async function atStore<T>(
  invocation: Invocation,
  { online, offline }: { readonly online: Online<T>; readonly offline: (store: Store, zone: Zone) => Promise<T> },
): Promise<T> {
  return orElse(invocation, online, async () => {
    const { withStore } = await import('../core/offline-store.js');
    return withStore(configFile(invocation), offline);
  });
}

async function orElse<T>(invocation: Invocation, online: Online<T>, offline: () => Promise<T>): Promise<T> {
  const elsewhere = text(invocation, 'url') !== undefined || text(invocation, 'token') !== undefined;
  try {
    return await online(targetOf(invocation));
  } catch (error) {
    if (elsewhere || !(error instanceof SmxError) || error.code !== 'SMX_HTTP_UNREACHABLE') throw error;
    return offline();
  }
}
