import { SmxError } from '@smx-edge/model';

/** Throws SMX_PROTOCOL_APDU: the bytes are not what the standard lets stand there. */
export function malformed(what: string): never {
  throw new SmxError('SMX_PROTOCOL_APDU', `The APDU cannot be understood: ${what}`);
}

/** Reads big-endian numbers and lengths. Whatever lies beyond the end throws SMX_PROTOCOL_APDU. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    private at = 0,
    private readonly end: number = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.at;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  i8(): number {
    return this.view.getInt8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2));
  }

  i16(): number {
    return this.view.getInt16(this.take(2));
  }

  u32(): number {
    return this.view.getUint32(this.take(4));
  }

  i32(): number {
    return this.view.getInt32(this.take(4));
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8));
  }

  i64(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  f32(): number {
    return this.view.getFloat32(this.take(4));
  }

  f64(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** A view of the next bytes. */
  octets(count: number): Uint8Array {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.octets(this.left);
  }

  /** A length as A-XDR and BER write it: one byte up to 127, else the number of bytes and those. */
  length(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) malformed(`a length of ${count} bytes`);
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + this.u8();
    return value;
  }

  /** The next byte, without taking it. */
  peek(): number {
    if (this.at >= this.end) malformed('it ends too early');
    return this.bytes[this.at]!;
  }

  private take(count: number): number {
    const { at } = this;
    if (count > this.end - at) malformed('it ends too early');
    this.at = at + count;
    return at;
  }
}
