import { SmxError } from '@smx-edge/model';
import { addressSize, type AddressSize } from './address.js';
import { decodeControl, encodeControl, type HdlcControl } from './control.js';
import { fcs16 } from './fcs16.js';

export const FLAG = 0x7e;
/** Format type 3 (IEC 62056-46 §6.4.2.1): the upper four bits of the first byte behind the flag. */
const FORMAT = 0xa0;
const SEGMENT = 0x08;
/** Largest number the eleven bits of the length hold: all bytes between the flags. */
export const LONGEST_FRAME = 0x7ff;
/** Format, two addresses of one byte, control and FCS. */
const SHORTEST_FRAME = 7;

export interface HdlcFrame {
  /** Whether more of the same APDU follows. */
  readonly segmented: boolean;
  /** Addresses as they stand on the wire. */
  readonly to: Uint8Array;
  readonly from: Uint8Array;
  readonly control: HdlcControl;
  readonly info: Uint8Array;
}

/** Why bytes are no frame. */
export type FrameFault = 'format' | 'address' | 'control' | 'hcs' | 'fcs';

/** A whole frame with both flags. Throws SMX_PROTOCOL_ENCODE for one that does not fit the length field. */
export function encodeFrame({ segmented, to, from, control, info }: HdlcFrame): Uint8Array {
  const head = 2 + to.length + from.length + 1;
  const length = head + 2 + (info.length === 0 ? 0 : info.length + 2);
  if (length > LONGEST_FRAME)
    throw new SmxError('SMX_PROTOCOL_ENCODE', `An HDLC frame of ${length} bytes is longer than ${LONGEST_FRAME}`);
  const bytes = new Uint8Array(length + 2);
  bytes[0] = bytes[length + 1] = FLAG;
  bytes[1] = FORMAT | (segmented ? SEGMENT : 0) | (length >> 8);
  bytes[2] = length & 0xff;
  bytes.set(to, 3);
  bytes.set(from, 3 + to.length);
  bytes[head] = encodeControl(control);
  putSum(bytes, head + 1);
  if (info.length === 0) return bytes;
  bytes.set(info, head + 3);
  putSum(bytes, length - 1);
  return bytes;
}

function putSum(bytes: Uint8Array, at: number): void {
  const sum = fcs16(bytes, 1, at);
  bytes[at] = sum & 0xff;
  bytes[at + 1] = sum >> 8;
}

const sumFits = (bytes: Uint8Array, at: number): boolean =>
  fcs16(bytes, 0, at) === (bytes[at]! | (bytes[at + 1]! << 8));

/** Length that the two bytes behind a flag announce; 0 where they begin no frame. */
export function announcedLength(first: number, second: number): number {
  if ((first & 0xf0) !== FORMAT) return 0;
  const length = ((first & 7) << 8) | second;
  return length < SHORTEST_FRAME ? 0 : length;
}

/** The bytes between the flags. Parts of the frame are copies, so that the buffer may be used again. */
export function decodeFrame(bytes: Uint8Array): HdlcFrame | FrameFault {
  const { length } = bytes;
  if (length < SHORTEST_FRAME || announcedLength(bytes[0]!, bytes[1]!) !== length) return 'format';
  const toSize = addressSize(bytes, 2);
  const fromSize: AddressSize | 0 = toSize === 0 ? 0 : addressSize(bytes, 2 + toSize);
  if (toSize === 0 || fromSize === 0) return 'address';
  const head = 2 + toSize + fromSize;
  if (head + 3 > length) return 'address';
  const hasInfo = head + 3 !== length;
  if (hasInfo && head + 6 > length) return 'format';
  if (hasInfo && !sumFits(bytes, head + 1)) return 'hcs';
  if (!sumFits(bytes, length - 2)) return 'fcs';
  const control = decodeControl(bytes[head]!);
  if (control === undefined) return 'control';
  return {
    segmented: (bytes[0]! & SEGMENT) !== 0,
    to: bytes.slice(2, 2 + toSize),
    from: bytes.slice(2 + toSize, head),
    control,
    info: hasInfo ? bytes.slice(head + 3, length - 2) : new Uint8Array(0),
  };
}
