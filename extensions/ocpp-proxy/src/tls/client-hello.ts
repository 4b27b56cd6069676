/** What is known of the first bytes of a connection: `name` is empty where the client names no server. */
export type HelloName = { readonly name: string } | 'more' | 'no hello';

/** Longest handshake message that is waited for; one with post-quantum shares takes about 2 KiB. */
const LONGEST = 16_384;

/**
 * The server name of a TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3), from the bytes as they are on the wire, also over several
 * records. Reads only; never throws.
 */
export function helloName(bytes: Uint8Array): HelloName {
  const hello = handshakeOf(bytes);
  if (!(hello instanceof Reader)) return hello;
  // version and random
  hello.skip(34);
  hello.skip(hello.uint(1));
  hello.skip(hello.uint(2));
  hello.skip(hello.uint(1));
  if (hello.left === 0) return { name: '' };
  const extensions = hello.part(hello.uint(2));
  while (extensions.left > 0) {
    const type = extensions.uint(2);
    const body = extensions.part(extensions.uint(2));
    if (type === 0) return { name: hostName(body) };
  }
  return extensions.isCut || hello.isCut ? 'no hello' : { name: '' };
}

/** The body of the ClientHello, put together from its records once all of them are there. */
function handshakeOf(bytes: Uint8Array): Reader | Exclude<HelloName, object> {
  const parts: Uint8Array[] = [];
  /** Type and length of the message, which may lie in records of their own. */
  const head: number[] = [];
  let have = 0;
  for (let at = 0; ;) {
    // a record of a handshake, of any version that begins with 3
    if (bytes.length > at && bytes[at] !== 22) return 'no hello';
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return 'no hello';
    if (bytes.length < at + 5) return 'more';
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (length === 0 || length > LONGEST) return 'no hello';
    const part = bytes.subarray(at + 5, at + 5 + length);
    parts.push(part);
    have += part.length;
    if (head.length < 4) head.push(...part.subarray(0, 4 - head.length));
    if (head.length > 0 && head[0] !== 1) return 'no hello';
    if (head.length === 4) {
      const size = (head[1]! << 16) | (head[2]! << 8) | head[3]!;
      if (size > LONGEST) return 'no hello';
      if (have >= 4 + size) return new Reader(Buffer.concat(parts, have).subarray(4, 4 + size));
    }
    if (part.length < length) return 'more';
    at += 5 + length;
  }
}

function hostName(list: Reader): string {
  const names = list.part(list.uint(2));
  while (names.left > 0) {
    const type = names.uint(1);
    const name = names.part(names.uint(2));
    if (type === 0 && !names.isCut) return name.ascii().toLowerCase();
  }
  return '';
}

/** Reads on within bounds; beyond them there are zeros, and `isCut` tells. */
class Reader {
  private at = 0;
  isCut = false;

  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  uint(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.bytes[this.at + i] ?? 0);
    this.skip(size);
    return value;
  }

  skip(length: number): void {
    if (length > this.left) this.isCut = true;
    this.at = Math.min(this.bytes.length, this.at + length);
  }

  part(length: number): Reader {
    const part = new Reader(this.bytes.subarray(this.at, this.at + length));
    this.skip(length);
    return part;
  }

  ascii(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).toString('latin1');
  }
}
