/** Control characters of the protocol (IEC 62056-21 §6.3, ISO/IEC 646). */
export const SOH = 0x01;
export const STX = 0x02;
export const ETX = 0x03;
export const EOT = 0x04;
export const ACK = 0x06;
export const LF = 0x0a;
export const CR = 0x0d;
export const NAK = 0x15;

/**
 * Block check character: XOR of the seven-bit characters behind SOH or STX up to and with ETX or EOT (IEC 62056-21
 * §6.3.1, ISO 1155).
 */
export function blockCheck(characters: Uint8Array): number {
  let sum = 0;
  for (const character of characters) sum ^= character;
  return sum & 0x7f;
}
