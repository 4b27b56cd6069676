import { ByteMemo } from './byte-memo.js';
import { CR, hexDigit, latin1, LF } from './bytes.js';

export type TextDecode = (bytes: Uint8Array, from: number, to: number) => string | null;

/** A text read from bytes, decoded again only when they change. */
export class TextCell {
  text: string | null = null;
  private readonly memo = new ByteMemo();

  constructor(private readonly decode: TextDecode) {}

  set(source: Uint8Array, from: number, to: number): string | null {
    if (!this.memo.same(source, from, to)) this.text = this.decode(source, from, to);
    return this.text;
  }
}

/** Text as it stands, null where it is blank. */
export function plainText(bytes: Uint8Array, from: number, to: number): string | null {
  const text = latin1(bytes, from, to).trim();
  return text === '' ? null : text;
}

/**
 * An octet string: pairs of hexadecimal digits as characters where all of them are printable, else as printed.
 * Null where it is empty, blank or all zeros, which is how an identifier that was never set is sent.
 */
export function octetText(bytes: Uint8Array, from: number, to: number): string | null {
  const digits: number[] = [];
  let hex = true;
  let printable = true;
  let zeros = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === CR || byte === LF) continue;
    const digit = hexDigit(byte);
    if (digit < 0) hex = false;
    if (byte !== 0x30) zeros = false;
    digits.push(digit);
  }
  if (zeros && digits.length > 4) return null;
  if (!hex || digits.length % 2 === 1) return plainText(bytes, from, to);
  let text = '';
  for (let i = 0; i < digits.length; i += 2) {
    const byte = digits[i]! * 16 + digits[i + 1]!;
    if (byte < 0x20 || byte > 0x7e) printable = false;
    text += String.fromCharCode(byte);
  }
  if (!printable) return plainText(bytes, from, to);
  text = text.trim();
  return text === '' ? null : text;
}
