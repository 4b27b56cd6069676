/** CRC-16/ARC: x^16 + x^15 + x^2 + 1, reflected, start 0, no final xor (DSMR P1 5.0.2 §6.2). */
export const CRC16_TABLE: Uint16Array = table();

function table(): Uint16Array {
  const rows = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
    rows[byte] = crc;
  }
  return rows;
}

/** CRC of `bytes` from where `crc` left off, so that it may be taken in pieces. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  for (let i = 0; i < bytes.length; i++) crc = CRC16_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** Four hexadecimal digits, most significant first, as they stand behind `!`. */
export function crcText(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
