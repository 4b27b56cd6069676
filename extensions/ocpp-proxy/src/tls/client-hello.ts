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

/** The body of the ClientHello, put together from its records. */
function handshakeOf(bytes: Uint8Array): Reader | Exclude<HelloName, object> {
  const parts: Uint8Array[] = [];
  for (let at = 0; ;) {
    const record = new Reader(bytes.subarray(at));
    // a record of a handshake, of any version that begins with 3
    if (record.left >= 1 && bytes[at] !== 22) return 'no hello';
    if (record.left >= 2 && bytes[at + 1] !== 3) return 'no hello';
    if (record.left < 5) return 'more';
    record.skip(3);
    const length = record.uint(2);
    if (length === 0 || length > LONGEST) return 'no hello';
    const end = at + 5 + length;
    parts.push(bytes.subarray(at + 5, end));
    const joined = new Reader(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    if (joined.left >= 1 && joined.uint(1) !== 1) return 'no hello';
    if (joined.left >= 3) {
      const size = joined.uint(3);
      if (size > LONGEST) return 'no hello';
      if (joined.left >= size) return joined.part(size);
    }
    if (bytes.length < end) return 'more';
    at = end;
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
