import { CRC_BYTES, noModbus, type Crc, type Framing } from './framing.js';

const EXCEPTION = 0x80;
const EXCEPTION_BYTES = 5;
const WRITE_BYTES = 8;
const READ_OVERHEAD = 5;
/** More than two of the longest frames have nothing to do with the question. */
const MOST_NOISE = 600;
const NOTHING = Buffer.alloc(0);

/** Modbus over a serial line: an answer is known by unit, code, length and CRC, so that noise before it does no harm. */
export class RtuFraming implements Framing {
  private buffer: Buffer = NOTHING;
  private unit = 0;
  private code = 0;
  private expected = 0;

  constructor(private readonly crc: Crc) {}

  encode(frame: Buffer): Uint8Array {
    this.buffer = NOTHING;
    this.unit = frame[0]!;
    this.code = frame[1]!;
    this.expected = this.code === 3 || this.code === 4 ? READ_OVERHEAD + 2 * frame.readUInt16BE(4) : WRITE_BYTES;
    return frame;
  }

  push(chunk: Uint8Array): Buffer | undefined {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (let at = 0; at + EXCEPTION_BYTES <= this.buffer.length; at++) {
      if (this.buffer[at] !== this.unit) continue;
      const code = this.buffer[at + 1];
      const length = code === this.code ? this.expected : code === (this.code | EXCEPTION) ? EXCEPTION_BYTES : 0;
      const frame = this.buffer.subarray(at, at + length);
      if (length > 0 && frame.length === length && this.isSound(frame)) return frame;
    }
    if (this.buffer.length > MOST_NOISE) throw noModbus('the serial line brings noise instead of an answer');
    return undefined;
  }

  private isSound(frame: Buffer): boolean {
    const end = frame.length - CRC_BYTES;
    return frame.readUInt16LE(end) === this.crc(frame.subarray(0, end));
  }
}
