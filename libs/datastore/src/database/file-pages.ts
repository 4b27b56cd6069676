import { closeSync, openSync, readSync } from 'node:fs';

/** Size of the pages of a database of this software. */
export const PAGE = 4096;
/** Length of the head of the file; the tree of the schema begins behind it, in page 1. */
export const HEAD = 100;

export type ReadPage = (page: number) => Buffer;

/**
 * Reads pages of a file, from 1 on; what is behind its end is shorter, and empty where a damaged file names a page that none
 * can be. Only while no connection of this process has it
 * open: closing a file ends all locks that a process has on it.
 */
export function readPages<T>(path: string, work: (read: ReadPage) => T): T {
  const file = openSync(path, 'r');
  try {
    return work((page) => {
      if (page < 1) return Buffer.alloc(0);
      const bytes = Buffer.alloc(PAGE);
      return bytes.subarray(0, readSync(file, bytes, 0, PAGE, (page - 1) * PAGE));
    });
  } finally {
    closeSync(file);
  }
}
