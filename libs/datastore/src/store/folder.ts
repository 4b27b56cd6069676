import { SmxError } from '@smx-edge/model';
import { accessSync, constants, mkdirSync } from 'node:fs';

/** Makes the data folder (0700) where it is not there. Throws SMX_STORE_FOLDER where it cannot be used. */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `the data folder ${folder} cannot be created or written; check path and rights`;
    throw new SmxError('SMX_STORE_FOLDER', message, { cause: error });
  }
}
