/** Byte values of the characters a telegram is made of. */
export const LF = 0x0a;
export const CR = 0x0d;
export const BANG = 0x21;
export const OPEN = 0x28;
export const CLOSE = 0x29;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const COLON = 0x3a;

/** First byte of a general-glo-ciphering frame (DLMS/COSEM Green Book, tag 219). */
export const GLO_CIPHERING = 0xdb;

/** Value of a hexadecimal digit in either case, -1 for any other byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}

/** Text of a range, one character per byte; line breaks inside a wrapped value are left out. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte !== CR && byte !== LF) text += String.fromCharCode(byte);
  }
  return text;
}
