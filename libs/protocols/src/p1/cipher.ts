import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SmxError } from '@smx-edge/model';

/** Security control byte of an authenticated and encrypted frame with suite 0 (Green Book §9.2.7.2.4). */
const SECURITY_CONTROL = 0x30;
/** DB, length and bytes of the system title, 82, two length bytes, security control, frame counter. */
export const CIPHER_HEADER = 18;
export const TAG_LENGTH = 12;
/** Authentication key that the Luxembourg P1 specification prints (Smarty P1 1.1.3 §6.2.1); Austria sets its own. */
export const DEFAULT_AAD: Uint8Array = parseAad('00112233445566778899AABBCCDDEEFF');

/** AES-128 key of 32 hexadecimal digits. Throws SMX_PROTOCOL_KEY. */
export function parseKey(hex: string): Uint8Array {
  if (!/^[0-9a-fA-F]{32}$/.test(hex))
    throw new SmxError(
      'SMX_PROTOCOL_KEY',
      'The key must be 32 hexadecimal digits (AES-128), as the grid operator gives it',
    );
  return Buffer.from(hex, 'hex');
}

/**
 * Additional authenticated data: an authentication key of 32 hexadecimal digits, or 34 with the security control byte
 * 30 before it. Throws SMX_PROTOCOL_KEY.
 */
export function parseAad(hex: string): Uint8Array {
  if (!/^(30)?[0-9a-fA-F]{32}$/.test(hex))
    throw new SmxError('SMX_PROTOCOL_KEY', 'The AAD must be 32 hexadecimal digits, or 34 beginning with 30');
  return Buffer.from(hex.length === 32 ? `30${hex}` : hex, 'hex');
}

export interface CipherFrame {
  readonly title: Uint8Array;
  readonly counter: number;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Parts of a complete general-glo-ciphering frame; views into `bytes`. */
export function splitCipherFrame(bytes: Uint8Array): CipherFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    title: bytes.subarray(2, 10),
    counter: view.getUint32(14),
    ciphertext: bytes.subarray(CIPHER_HEADER, bytes.length - TAG_LENGTH),
    tag: bytes.subarray(bytes.length - TAG_LENGTH),
  };
}

export interface Decrypted {
  readonly plain: Uint8Array;
  /** `aad`: tag right; `no-aad`: right only without authenticated data; `none`: tag wrong, content unproven. */
  readonly tag: 'aad' | 'no-aad' | 'none';
}

/** AES-128-GCM with the IV title ‖ counter and a tag of 96 bits (Smarty P1 1.1.3 §6.2). */
export function decryptFrame(frame: CipherFrame, key: Uint8Array, aad: Uint8Array): Decrypted {
  const iv = initVector(frame.title, frame.counter);
  const open = (data: Uint8Array): { plain: Uint8Array; ok: boolean } => {
    const decipher = createDecipheriv('aes-128-gcm', key, iv, { authTagLength: TAG_LENGTH });
    if (data.length > 0) decipher.setAAD(data);
    decipher.setAuthTag(frame.tag);
    const plain = decipher.update(frame.ciphertext);
    try {
      decipher.final();
      return { plain, ok: true };
    } catch {
      // the one thing final() can report here is a tag that does not match, which is a result
      return { plain, ok: false };
    }
  };
  const first = open(aad);
  if (first.ok) return { plain: first.plain, tag: 'aad' };
  const second = open(new Uint8Array(0));
  return { plain: second.plain, tag: second.ok ? 'no-aad' : 'none' };
}

export interface EncryptOptions {
  readonly key: Uint8Array;
  /** System title of the meter, 8 bytes. */
  readonly title: Uint8Array;
  /** Frame counter: rises with every frame, 0 to 2^32 - 1. */
  readonly counter: number;
  /** Default `DEFAULT_AAD`; empty for a meter that authenticates no data. */
  readonly aad?: Uint8Array;
}

/** A telegram in the frame that Luxembourg and Austrian meters send. Throws SMX_PROTOCOL_ENCODE for one that does not fit. */
export function encryptFrame(
  plain: Uint8Array,
  { key, title, counter, aad = DEFAULT_AAD }: EncryptOptions,
): Uint8Array {
  const length = 5 + plain.length + TAG_LENGTH;
  if (length > 0xffff || title.length !== 8)
    throw new SmxError(
      'SMX_PROTOCOL_ENCODE',
      `${plain.length} bytes and a title of ${title.length} do not fit an encrypted frame`,
    );
  const cipher = createCipheriv('aes-128-gcm', key, initVector(title, counter), { authTagLength: TAG_LENGTH });
  if (aad.length > 0) cipher.setAAD(aad);
  const head = Buffer.alloc(CIPHER_HEADER);
  head.set([0xdb, 8, ...title, 0x82]);
  head.writeUInt16BE(length, 11);
  head[13] = SECURITY_CONTROL;
  head.writeUInt32BE(counter, 14);
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function initVector(title: Uint8Array, counter: number): Uint8Array {
  const iv = Buffer.alloc(12);
  iv.set(title);
  iv.writeUInt32BE(counter, 8);
  return iv;
}
