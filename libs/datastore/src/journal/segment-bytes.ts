import { closeSync, openSync, readSync } from 'node:fs';

/** The first `size` bytes of a file; what it is too short for stays zero and is missed as damage. */
export function readBytes(path: string, size: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    let done = 0;
    for (let n = -1; n !== 0 && done < size; done += n) n = readSync(fd, bytes, done, size - done, done);
    return bytes;
  } finally {
    closeSync(fd);
  }
}
