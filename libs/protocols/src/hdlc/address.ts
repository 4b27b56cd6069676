import { SmxError } from '@smx-edge/model';

/** Bytes an address takes on the wire (IEC 62056-46 §6.4.2.2). */
export type AddressSize = 1 | 2 | 4;

/**
 * One end of a link. `upper` is the logical device of a server or the SAP of a client, `lower` the physical device on a line
 * with several; absent in addresses of one byte.
 */
export interface HdlcAddress {
  readonly upper: number;
  readonly lower?: number;
}

const LARGEST: Readonly<Record<AddressSize, number>> = { 1: 0x7f, 2: 0x7f, 4: 0x3fff };

/** Seven bits a byte, the lowest bit set in the last one. Throws SMX_PROTOCOL_ENCODE for an address that does not fit. */
export function encodeAddress(address: HdlcAddress, size: AddressSize): Uint8Array {
  const { upper, lower } = address;
  const fits = (part: number): boolean => Number.isInteger(part) && part >= 0 && part <= LARGEST[size];
  if (!fits(upper) || (size === 1 ? lower !== undefined : !fits(lower ?? 0)))
    throw new SmxError('SMX_PROTOCOL_ENCODE', `The address ${addressText(address)} does not fit ${size} byte(s)`);
  if (size === 1) return Uint8Array.of((upper << 1) | 1);
  const low = lower ?? 0;
  if (size === 2) return Uint8Array.of(upper << 1, (low << 1) | 1);
  return Uint8Array.of((upper >> 7) << 1, (upper & 0x7f) << 1, (low >> 7) << 1, ((low & 0x7f) << 1) | 1);
}

/** Size of the address that begins at `from`; 0 where it does not end within four bytes, or after three. */
export function addressSize(bytes: Uint8Array, from: number): AddressSize | 0 {
  for (let size = 1; size <= 4; size++) {
    const byte = bytes[from + size - 1];
    if (byte === undefined) return 0;
    if ((byte & 1) === 1) return size === 3 ? 0 : (size as AddressSize);
  }
  return 0;
}

/** The address whose bytes begin at `from`. */
export function decodeAddress(bytes: Uint8Array, from: number, size: AddressSize): HdlcAddress {
  const part = (i: number): number => bytes[from + i]! >> 1;
  if (size === 1) return { upper: part(0) };
  if (size === 2) return { upper: part(0), lower: part(1) };
  return { upper: (part(0) << 7) | part(1), lower: (part(2) << 7) | part(3) };
}

/** `16`, or `1/17` with the physical device. */
export function addressText({ upper, lower }: HdlcAddress): string {
  return lower === undefined ? String(upper) : `${upper}/${lower}`;
}
