import { CRC_BYTES, noModbus, withCrc, type Crc, type Framing } from './framing.js';

/** Transaction, protocol, length (MODBUS Messaging on TCP/IP Implementation Guide V1.0b §3.1.3). */
const HEADER = 6;
/** Unit, code and a byte: an exception. */
const LEAST = 3;
const MOST = 254;
const NOTHING = Buffer.alloc(0);

/** Modbus TCP. An answer to another transaction is passed over: it is late, and nobody waits for it any more. */
export class TcpFraming implements Framing {
  private transaction = 0;
  private buffer: Buffer = NOTHING;

  constructor(private readonly crc: Crc) {}

  encode(frame: Buffer): Uint8Array {
    const length = frame.length - CRC_BYTES;
    const bytes = Buffer.alloc(HEADER + length);
    this.transaction = (this.transaction + 1) & 0xffff;
    bytes.writeUInt16BE(this.transaction, 0);
    bytes.writeUInt16BE(length, 4);
    frame.copy(bytes, HEADER, 0, length);
    return bytes;
  }

  push(chunk: Uint8Array): Buffer | undefined {
    this.buffer = this.buffer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.buffer, chunk]);
    let answer: Buffer | undefined;
    while (this.buffer.length >= HEADER) {
      const length = this.buffer.readUInt16BE(4);
      if (this.buffer.readUInt16BE(2) !== 0 || length < LEAST || length > MOST)
        throw noModbus('what answers does not speak Modbus TCP');
      if (this.buffer.length < HEADER + length) break;
      if (this.buffer.readUInt16BE(0) === this.transaction)
        answer ??= withCrc(this.buffer.subarray(HEADER, HEADER + length), this.crc);
      this.buffer = this.buffer.subarray(HEADER + length);
    }
    return answer;
  }
}
