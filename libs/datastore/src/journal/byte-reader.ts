/** Reads varints and what stands between them. The bytes have passed their CRC, so their structure is that of the writer. */
export class ByteReader {
  offset = 0;

  constructor(public bytes: Buffer) {}

  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.offset++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    do {
      byte = bytes[this.offset++]!;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    return value;
  }

  byte(): number {
    return this.bytes[this.offset++]!;
  }

  double(): number {
    this.offset += 8;
    return this.bytes.readDoubleLE(this.offset - 8);
  }

  take(length: number): Buffer {
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }
}
