import { SmxError } from '@smx-edge/model';
import type { FolderDesk } from '../core/offline.js';
import { text, type Invocation } from './command.js';
import { configFile, targetOf, type Target } from './target.js';

/** Asks the running core; where none runs on the box's own data folder, works on the folder itself. */
export async function atDesk<T>(
  invocation: Invocation,
  work: { readonly online: (target: Target) => Promise<T>; readonly offline: (desk: FolderDesk) => Promise<T> },
): Promise<T> {
  const elsewhere = text(invocation, 'url') !== undefined || text(invocation, 'token') !== undefined;
  try {
    return await work.online(targetOf(invocation));
  } catch (error) {
    if (elsewhere || !(error instanceof SmxError) || error.code !== 'SMX_HTTP_UNREACHABLE') throw error;
    const { withDataFolder } = await import('../core/offline.js');
    return withDataFolder(configFile(invocation), work.offline);
  }
}
