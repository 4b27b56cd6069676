import { closeSync, openSync, readSync } from 'node:fs';

/** Room is made for so much at a time, where a file grows. */
const EXTENT = 128 * 1024;

/** The first `size` bytes of a file; what it is too short for stays zero and is missed as damage. */
export function readBytes(path: string, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  readInto(bytes, path, 0);
  return bytes;
}

/** The same of a file that only grows and of which `known` was read before; that stays where it is while there is room. */
export function readOn(path: string, size: number, known: Buffer): Buffer {
  const { buffer, byteOffset } = known;
  const hasRoom = buffer.byteLength - byteOffset >= size;
  const bytes = hasRoom
    ? Buffer.from(buffer, byteOffset, size)
    : Buffer.alloc(Math.ceil(size / EXTENT) * EXTENT).subarray(0, size);
  if (!hasRoom) known.copy(bytes);
  readInto(bytes, path, known.length);
  return bytes;
}

function readInto(bytes: Buffer, path: string, from: number): void {
  const fd = openSync(path, 'r');
  try {
    let done = from;
    for (let n = -1; n !== 0 && done < bytes.length; done += n)
      n = readSync(fd, bytes, done, bytes.length - done, done);
  } finally {
    closeSync(fd);
  }
}
