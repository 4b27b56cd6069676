/** Bytes that grow as they are written, numbers big-endian. */
export class ByteWriter {
  private bytes: Uint8Array;
  private view: DataView;
  private end = 0;

  constructor(capacity = 128) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  u8(value: number): this {
    const at = this.room(1);
    this.bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.room(2);
    this.view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.room(4);
    this.view.setUint32(at, value);
    return this;
  }

  u64(value: bigint): this {
    const at = this.room(8);
    this.view.setBigUint64(at, BigInt.asUintN(64, value));
    return this;
  }

  f32(value: number): this {
    const at = this.room(4);
    this.view.setFloat32(at, value);
    return this;
  }

  f64(value: number): this {
    const at = this.room(8);
    this.view.setFloat64(at, value);
    return this;
  }

  octets(bytes: ArrayLike<number>): this {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
    return this;
  }

  /** See `ByteReader.length`. */
  length(value: number): this {
    if (value < 0x80) return this.u8(value);
    if (value <= 0xff) return this.u8(0x81).u8(value);
    if (value <= 0xffff) return this.u8(0x82).u16(value);
    return this.u8(0x84).u32(value);
  }

  /** A length and the bytes. */
  counted(bytes: Uint8Array): this {
    return this.length(bytes.length).octets(bytes);
  }

  /** A copy of what was written. */
  done(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }

  /** Where the next bytes go. They may have moved: look at `bytes` and `view` only after it. */
  private room(count: number): number {
    const at = this.end;
    this.end = at + count;
    if (this.end > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(this.end, 2 * this.bytes.length));
      bigger.set(this.bytes);
      this.bytes = bigger;
      this.view = new DataView(bigger.buffer);
    }
    return at;
  }
}
