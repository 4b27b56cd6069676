/** Bytes taken at once. */
const STRIDE = 8;

/**
 * Tables of CRC-16/X-25: x^16 + x^12 + x^5 + 1, reflected, start and final xor FFFF (ISO/IEC 13239 §4.2.5). Row k holds the CRC
 * of a byte followed by k noughts, so that eight bytes are looked up without waiting for one another.
 */
const TABLE: Uint16Array = table();

function table(): Uint16Array {
  const rows = new Uint16Array(256 * STRIDE);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
    rows[byte] = crc;
  }
  for (let i = 256; i < rows.length; i++) {
    const before = rows[i - 256]!;
    rows[i] = rows[before & 0xff]! ^ (before >>> 8);
  }
  return rows;
}

/** FCS or HCS of the bytes `from` … `to` - 1; on the wire its low byte comes first. */
export function fcs16(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0xffff;
  let i = from;
  for (const end = to - STRIDE; i <= end; i += STRIDE) {
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
  for (; i < to; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc ^ 0xffff;
}
