/** CRC-16/X-25: x^16 + x^12 + x^5 + 1, reflected, start and final xor FFFF (ISO/IEC 13239 §4.2.5). */
const TABLE: Uint16Array = table();

function table(): Uint16Array {
  const rows = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
    rows[byte] = crc;
  }
  return rows;
}

/** FCS or HCS of the bytes `from` … `to` - 1; on the wire its low byte comes first. */
export function fcs16(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc ^ 0xffff;
}
