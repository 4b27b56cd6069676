import { CIPHER_HEADER, TAG_LENGTH } from './cipher.js';

/** Second byte of an encrypted frame: length of the system title. */
export const TITLE_LENGTH = 8;
/** The last byte that tells its length. */
export const LENGTH_END = 12;

/** Bytes of an encrypted frame whose head has come up to `LENGTH_END`. */
export const cipherFrameLength = (bytes: Uint8Array): number => LENGTH_END + 1 + bytes[11]! * 256 + bytes[LENGTH_END]!;

/** Whether byte `at` of an encrypted frame of at most `bytes.length` can be what it is. */
export function mayBeCipher(bytes: Uint8Array, at: number): boolean {
  if (at === 1) return bytes[at] === TITLE_LENGTH;
  if (at === 10) return bytes[at] === 0x82;
  if (at !== LENGTH_END) return true;
  const length = cipherFrameLength(bytes);
  return length > CIPHER_HEADER + TAG_LENGTH && length <= bytes.length;
}
