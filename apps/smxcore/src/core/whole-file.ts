import { renameSync, rmSync, writeFileSync } from 'node:fs';

const REFUSED = ['ENOSPC', 'EDQUOT', 'EROFS'];

/**
 * Writes a file (0600) beside and renames it, so that no reader ever sees half of it. False where the disk is full
 * or read-only: what is written so is a help to the command line, and no reason for a box not to start and say so.
 */
export function writeWhole(file: string, text: string): boolean {
  try {
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return true;
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    if (typeof error === 'object' && error !== null && 'code' in error && REFUSED.includes(String(error.code)))
      return false;
    throw error;
  }
}
