import { SmxError } from '@smx-edge/model';

/** How requests and answers stand on the line. modbus-serial has them as they are on a serial line: unit, code, data, CRC. */
export interface Framing {
  /** The bytes of a request; what came before it is forgotten. */
  encode(frame: Buffer): Uint8Array;
  /** The answer, once its last byte is there. Throws SMX_MODBUS_FRAME for what cannot be one. */
  push(chunk: Uint8Array): Buffer | undefined;
}

export type Crc = (bytes: Uint8Array) => number;

export const CRC_BYTES = 2;

export const noModbus = (what: string): SmxError =>
  new SmxError('SMX_MODBUS_FRAME', `${what}; check host and port, and that Modbus is switched on`);

export function withCrc(frame: Uint8Array, crc: Crc): Buffer {
  const whole = Buffer.alloc(frame.length + CRC_BYTES);
  whole.set(frame);
  whole.writeUInt16LE(crc(frame), frame.length);
  return whole;
}
