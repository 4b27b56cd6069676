/** Bytes taken at once. */
const STRIDE = 8;

/**
 * Tables of CRC-16/ARC: x^16 + x^15 + x^2 + 1, reflected, start 0, no final xor (DSMR P1 5.0.2 §6.2). Row k holds the CRC
 * of a byte followed by k noughts, so that eight bytes are looked up without waiting for one another.
 */
const TABLE: Uint16Array = table();

function table(): Uint16Array {
  const rows = new Uint16Array(256 * STRIDE);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
    rows[byte] = crc;
  }
  for (let i = 256; i < rows.length; i++) {
    const before = rows[i - 256]!;
    rows[i] = rows[before & 0xff]! ^ (before >>> 8);
  }
  return rows;
}

/** CRC of one more byte. */
export function crc16Byte(crc: number, byte: number): number {
  return TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
}

/** CRC of the first `length` bytes. */
export function crc16(bytes: Uint8Array, length: number = bytes.length): number {
  let crc = 0;
  let i = 0;
  for (const end = length - STRIDE; i <= end; i += STRIDE) {
    crc =
      TABLE[1792 + ((crc ^ bytes[i]!) & 0xff)]! ^
      TABLE[1536 + ((crc >>> 8) ^ bytes[i + 1]!)]! ^
      TABLE[1280 + bytes[i + 2]!]! ^
      TABLE[1024 + bytes[i + 3]!]! ^
      TABLE[768 + bytes[i + 4]!]! ^
      TABLE[512 + bytes[i + 5]!]! ^
      TABLE[256 + bytes[i + 6]!]! ^
      TABLE[bytes[i + 7]!]!;
  }
  for (; i < length; i++) crc = crc16Byte(crc, bytes[i]!);
  return crc;
}

/** Four hexadecimal digits, most significant first, as they stand behind `!`. */
export function crcText(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
