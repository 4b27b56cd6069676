import { malformed } from './byte-reader.js';

const VERSION = 1;
const HEADER = 8;

/** An APDU on TCP or UDP (IEC 62056-47 §5.3): wPorts are the SAPs of client and logical device. */
export interface WrapperPdu {
  readonly source: number;
  readonly destination: number;
  readonly apdu: Uint8Array;
}

export function encodeWrapper({ source, destination, apdu }: WrapperPdu): Uint8Array {
  const bytes = new Uint8Array(HEADER + apdu.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, VERSION);
  view.setUint16(2, source);
  view.setUint16(4, destination);
  view.setUint16(6, apdu.length);
  bytes.set(apdu, HEADER);
  return bytes;
}

/** Takes PDUs from a stream of bytes, whatever the pieces it comes in. */
export class WrapperFramer {
  private buffer = new Uint8Array(2048);
  private length = 0;

  constructor(private readonly onPdu: (pdu: WrapperPdu) => void) {}

  /** Whether a PDU has begun and is not whole. */
  get isWithin(): boolean {
    return this.length > 0;
  }

  /** Throws SMX_PROTOCOL_APDU where the stream is none of this protocol: nothing behind can be told, so close it. */
  push(chunk: Uint8Array): void {
    this.hold(chunk);
    const view = new DataView(this.buffer.buffer);
    let at = 0;
    while (this.length - at >= HEADER) {
      if (view.getUint16(at) !== VERSION) malformed(`a wrapper of version ${view.getUint16(at)}`);
      const end = at + HEADER + view.getUint16(at + 6);
      if (end > this.length) break;
      const [source, destination] = [view.getUint16(at + 2), view.getUint16(at + 4)];
      this.onPdu({ source, destination, apdu: this.buffer.slice(at + HEADER, end) });
      at = end;
    }
    this.buffer.copyWithin(0, at, this.length);
    this.length -= at;
  }

  private hold(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.buffer.length) {
      const bigger = new Uint8Array(2 * length);
      bigger.set(this.buffer.subarray(0, this.length));
      this.buffer = bigger;
    }
    this.buffer.set(chunk, this.length);
    this.length = length;
  }
}
