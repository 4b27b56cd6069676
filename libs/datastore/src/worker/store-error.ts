import { isSmxError, SmxError, type ErrorCode } from '@smx-edge/model';
import { isDamage } from '../database/database.js';
import type { WireError } from './protocol.js';

const FULL: readonly string[] = ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'];
const READ_ONLY = /^(SQLITE_READONLY|EROFS)/;
/** What the disk may answer now and not later. */
const OF_THE_DISK: readonly ErrorCode[] = ['SMX_STORE_FAILED', 'SMX_STORE_FULL', 'SMX_STORE_READONLY'];

/** What a request failed of, as a code: an error of the store itself means it could not write. */
function storeError(error: unknown): SmxError {
  // whoever asks again finds the store without what is damaged
  if (isSmxError(error) && !isDamage(error)) return error;
  const cause = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (FULL.includes(code))
    return new SmxError('SMX_STORE_FULL', `the disk is full; free space, or lower history.budget (${message})`, cause);
  if (READ_ONLY.test(code))
    return new SmxError(
      'SMX_STORE_READONLY',
      `the disk is read-only, as the kernel makes it after an error; check it and mount it again (${message})`,
      cause,
    );
  return new SmxError('SMX_STORE_FAILED', `the store could not read or write: ${message}`, cause);
}

export const wireError = (error: unknown): WireError => {
  const { code, message } = storeError(error);
  return { code, message };
};

/** Does what may be done later as well: a full disk must not keep the box from starting. */
export function whereItCan(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!OF_THE_DISK.includes(storeError(error).code)) throw error;
  }
}
