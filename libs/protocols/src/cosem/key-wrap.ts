import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SmxError } from '@smx-edge/model';

/** Initial value of RFC 3394 §2.2.3.1. */
const INITIAL = Buffer.alloc(8, 0xa6);

const cipherOf = (kek: Uint8Array): string => (kek.length === 32 ? 'id-aes256-wrap' : 'id-aes128-wrap');

/** A key under the master key, of 16 bytes or in suite 2 of 32 (Green Book §9.2.3.3.8.2; RFC 3394): 8 bytes longer. */
export function wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(cipherOf(kek), kek, INITIAL);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** Throws SMX_PROTOCOL_CIPHER where the key was wrapped under another or changed. */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const cipher = createDecipheriv(cipherOf(kek), kek, INITIAL);
  try {
    return Buffer.concat([cipher.update(wrapped), cipher.final()]);
  } catch {
    // what the cipher reports is a check value that does not match, or a length that cannot
    throw new SmxError(
      'SMX_PROTOCOL_CIPHER',
      'The wrapped key is not taken: another master key, or bytes that were changed',
    );
  }
}
