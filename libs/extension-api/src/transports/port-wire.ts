import { SmxError } from '@smx-edge/model';

/**
 * What an instance and the port process say on the Unix socket of one serial port. Each frame is
 * type (1 byte), length of the payload (4 bytes, big-endian), payload.
 *
 * | type | from | payload |
 * |---|---|---|
 * | hello | instance | the nonce, as text; must be first |
 * | ready | port process | none: the nonce was right and the port is open |
 * | data | both | raw bytes of the line |
 * | request | instance | id (4 bytes), JSON of a PortRequest |
 * | reply | port process | id (4 bytes), JSON `{}` or `{code, message}` |
 * | error | port process | JSON `{code, message}`: the port is gone, the socket ends |
 */
export const PortFrame = { hello: 1, ready: 2, data: 3, request: 4, reply: 5, error: 6 } as const;

export type PortRequest =
  | {
      readonly op: 'configure';
      readonly baud?: number;
      readonly mode?: string;
      readonly dtr?: boolean;
      readonly rts?: boolean;
    }
  | { readonly op: 'break'; readonly ms: number }
  | { readonly op: 'drain' }
  | { readonly op: 'flush' };

export interface PortFailure {
  readonly code: string;
  readonly message: string;
}

const HEADER = 5;
export const LARGEST_PORT_FRAME = 256 * 1024;

export function portFrame(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + payload.length);
  frame.writeUInt8(type, 0);
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEADER);
  return frame;
}

export function portMessage(type: number, id: number | undefined, body: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(body));
  if (id === undefined) return portFrame(type, text);
  const payload = Buffer.allocUnsafe(4 + text.length);
  payload.writeUInt32BE(id, 0);
  payload.set(text, 4);
  return portFrame(type, payload);
}

/** The JSON of a payload as an object. Throws SMX_TRANSPORT_CONNECT. */
export function portBody(payload: Uint8Array): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch (error) {
    throw broken('a message that is no JSON', error);
  }
  throw broken('a message that is no object');
}

function broken(what: string, cause?: unknown): SmxError {
  return new SmxError('SMX_TRANSPORT_CONNECT', `the socket of the serial port carried ${what}; it is opened anew`, {
    cause,
  });
}

type OnFrame = (type: number, payload: Uint8Array) => void;

const NOTHING = Buffer.alloc(0);

/** Frames out of chunks of any size, which are only lent. `push` throws SMX_TRANSPORT_CONNECT on a frame that is too large. */
export class PortFrameReader {
  private rest: Buffer = NOTHING;

  constructor(private readonly onFrame: OnFrame) {}

  push(chunk: Uint8Array): void {
    let data =
      this.rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([this.rest, chunk]);
    while (data.length >= HEADER) {
      const length = data.readUInt32BE(1);
      if (length > LARGEST_PORT_FRAME) throw broken(`a frame of ${length} bytes`);
      if (data.length < HEADER + length) break;
      this.onFrame(data[0]!, data.subarray(HEADER, HEADER + length));
      data = data.subarray(HEADER + length);
    }
    this.rest = data.length === 0 ? NOTHING : Buffer.from(data);
  }
}
