import { VARINT_MAX, writeVarint } from '../journal/varint.js';

/** Bytes that grow as they are written. */
export class ByteWriter {
  private bytes: Buffer;
  private end = 0;

  constructor(capacity = 1024) {
    this.bytes = Buffer.alloc(capacity);
  }

  get length(): number {
    return this.end;
  }

  varint(value: number): void {
    this.room(VARINT_MAX);
    this.end = writeVarint(this.bytes, this.end, value);
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.end++] = value;
  }

  double(value: number): void {
    this.room(8);
    this.end = this.bytes.writeDoubleLE(value, this.end);
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** What was written so far; valid until the next write. */
  taken(): Buffer {
    return this.bytes.subarray(0, this.end);
  }

  private room(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.bytes.length * 2, this.end + more));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
  }
}
