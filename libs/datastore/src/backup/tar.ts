import { SmxError } from '@smx-edge/model';

/** Archives in the interchange format ustar (POSIX.1-2001, pax): plain files with short names, nothing else. */
const BLOCK = 512;
/** Eleven octal digits. */
const LARGEST = 8 ** 11 - 1;

const damaged = (why: string): SmxError =>
  new SmxError('SMX_STORE_DAMAGED', `the backup cannot be read: ${why}; nothing was changed`);

function checksum(header: Buffer): number {
  let sum = 0;
  // the field of the sum itself counts as blanks
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i]!;
  return sum;
}

/** Header of a file of `size` bytes; its bytes and `padding` follow. */
export function tarHeader(name: string, size: number, now: number): Buffer {
  if (Buffer.byteLength(name) > 100 || size > LARGEST)
    throw new SmxError('SMX_STORE_FAILED', `${name} is too large for a backup`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  header.write(name, 0, 'utf8');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(now / 1000), 136, 11);
  // a plain file
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  octal(checksum(header), 148, 6);
  header.write('\x00 ', 154, 'latin1');
  return header;
}

/** What fills the last block of a file. */
export const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** The bytes; they must be taken before the next entry. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** The files of an archive in order. Rejects with SMX_STORE_DAMAGED where it is none, or ends before its end. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void> {
  const input = new Input(source);
  for (;;) {
    const header = await input.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const stored = parseInt(header.toString('latin1', 148, 154), 8);
    if (header.toString('latin1', 257, 262) !== 'ustar' || stored !== checksum(header))
      throw damaged('it is no archive of a backup');
    const size = parseInt(header.toString('latin1', 124, 135), 8);
    const name = header.toString('utf8', 0, header.indexOf(0));
    const bytes = input.part(size);
    yield { name, size, bytes };
    await drain(bytes);
    await input.exactly(padding(size).length);
  }
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  const parts = bytes[Symbol.asyncIterator]();
  while ((await parts.next()).done !== true);
}

class Input {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  async exactly(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.part(size)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *part(size: number): AsyncGenerator<Buffer, void> {
    for (let left = size; left > 0;) {
      if (this.rest.length === 0) {
        const step = await this.chunks.next();
        if (step.done === true) throw damaged('it ends before its end');
        this.rest = Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength);
      }
      const taken = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }
}
