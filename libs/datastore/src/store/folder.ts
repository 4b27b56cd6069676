import { SmxError } from '@smx-edge/model';
import { accessSync, constants, mkdirSync } from 'node:fs';

/** Makes the data folder (0700) where it is not there. Throws SMX_STORE_FOLDER where it cannot be used, SMX_STORE_READONLY. */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderError(error, `the data folder ${folder} cannot be created or written; check path and rights`);
  }
}

/** What keeps a data folder from being used: its disk takes no writes, or what `message` says. */
export function folderError(error: unknown, message: string): SmxError {
  const cause = { cause: error };
  if ((error as NodeJS.ErrnoException).code !== 'EROFS') return new SmxError('SMX_STORE_FOLDER', message, cause);
  return new SmxError(
    'SMX_STORE_READONLY',
    'the disk of the data folder is read-only, as the kernel makes it after an error; check it and mount it again',
    cause,
  );
}
