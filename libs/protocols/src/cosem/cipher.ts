import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import { SmxError } from '@smx-edge/model';

const TAG_LENGTH = 12;
const AUTHENTICATED = 0x10;
const ENCRYPTED = 0x20;
const COMPRESSED = 0x80;
/** Security control and invocation counter. */
const HEADER = 5;
const LARGEST_COUNTER = 0xffffffff;

export type SecuritySuite = 0 | 1 | 2;

/** Keys of one association (Green Book §9.2.5): 16 bytes, 32 in suite 2. */
export interface CipherKeys {
  readonly suite: SecuritySuite;
  /** Global or dedicated encryption key. */
  readonly block: Uint8Array;
  readonly authentication: Uint8Array;
}

export interface Protection {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
}

/** Header of a ciphered text: who sent it is known from the association or stands before it. */
export interface CipherHeader extends Protection {
  readonly suite: number;
  /** Invocation counter of the sender. */
  readonly counter: number;
}

function refuse(why: string): never {
  throw new SmxError('SMX_PROTOCOL_CIPHER', `The ciphered APDU is not taken: ${why}`);
}

const cipherOf = (suite: SecuritySuite): CipherGCMTypes => (suite === 2 ? 'aes-256-gcm' : 'aes-128-gcm');

/** Throws SMX_PROTOCOL_CIPHER for a text that is too short or compressed. */
export function cipherHeader(text: Uint8Array): CipherHeader {
  if (text.length < HEADER) refuse('it is too short');
  const control = text[0]!;
  if ((control & COMPRESSED) !== 0) refuse('it is compressed, which is not supported');
  const counter = new DataView(text.buffer, text.byteOffset).getUint32(1);
  const [authenticated, encrypted] = [(control & AUTHENTICATED) !== 0, (control & ENCRYPTED) !== 0];
  return { suite: control & 0x0f, authenticated, encrypted, counter };
}

/** Security control ‖ counter ‖ text ‖ tag (Green Book §9.2.7.2.4). `title`: system title of the sender. */
export function seal(
  plain: Uint8Array,
  {
    keys,
    title,
    counter,
    protection,
  }: { keys: CipherKeys; title: Uint8Array; counter: number; protection: Protection },
): Uint8Array {
  if (title.length !== 8 || !Number.isInteger(counter) || counter < 0 || counter > LARGEST_COUNTER)
    throw new SmxError('SMX_PROTOCOL_ENCODE', `No APDU can be ciphered under the counter ${counter}`);
  const { authenticated, encrypted } = protection;
  const control = keys.suite | (authenticated ? AUTHENTICATED : 0) | (encrypted ? ENCRYPTED : 0);
  const head = Buffer.alloc(HEADER);
  head[0] = control;
  head.writeUInt32BE(counter, 1);
  if (!authenticated && !encrypted) return Buffer.concat([head, plain]);
  const cipher = createCipheriv(cipherOf(keys.suite), keys.block, nonce(title, head), { authTagLength: TAG_LENGTH });
  if (authenticated) cipher.setAAD(associated(keys, control, encrypted ? undefined : plain));
  const text = encrypted ? cipher.update(plain) : plain;
  cipher.final();
  return Buffer.concat(authenticated ? [head, text, cipher.getAuthTag()] : [head, text]);
}

/**
 * The plain APDU. Only what carries at least `least` is taken. Throws SMX_PROTOCOL_CIPHER where the tag is wrong, the
 * suite another, or the protection less; nothing of it may be used then.
 */
export function open(
  text: Uint8Array,
  { keys, title, least }: { keys: CipherKeys; title: Uint8Array; least: Protection },
): { readonly plain: Uint8Array; readonly counter: number } {
  const { suite, authenticated, encrypted, counter } = cipherHeader(text);
  if (suite !== keys.suite) refuse(`its suite is ${suite}, not ${keys.suite}`);
  if ((least.authenticated && !authenticated) || (least.encrypted && !encrypted))
    refuse('it is protected less than the association wants');
  const body = text.subarray(HEADER);
  if (!authenticated && !encrypted) return { plain: body, counter };
  if (authenticated && body.length < TAG_LENGTH) refuse('it is too short');
  const content = authenticated ? body.subarray(0, -TAG_LENGTH) : body;
  const head = text.subarray(0, HEADER);
  const decipher = createDecipheriv(cipherOf(keys.suite), keys.block, nonce(title, head), {
    authTagLength: TAG_LENGTH,
  });
  if (authenticated) {
    decipher.setAAD(associated(keys, text[0]!, encrypted ? undefined : content));
    decipher.setAuthTag(body.subarray(-TAG_LENGTH));
  }
  const plain = encrypted ? decipher.update(content) : content;
  if (authenticated) finish(decipher);
  return { plain, counter };
}

function finish(decipher: { final(): unknown }): void {
  try {
    decipher.final();
  } catch {
    // the one thing final() can report here is a tag that does not match
    refuse('its authentication tag is wrong: another key, another sender, or bytes that were changed');
  }
}

/** The tag alone over a challenge (GMAC, Green Book §9.2.7.2.4): security control ‖ counter ‖ tag. */
export function gmac(
  challenge: Uint8Array,
  { keys, title, counter }: { keys: CipherKeys; title: Uint8Array; counter: number },
): Uint8Array {
  const sealed = seal(challenge, { keys, title, counter, protection: { authenticated: true, encrypted: false } });
  return Buffer.concat([sealed.subarray(0, HEADER), sealed.subarray(-TAG_LENGTH)]);
}

function nonce(title: Uint8Array, head: Uint8Array): Uint8Array {
  return Buffer.concat([title, head.subarray(1, HEADER)]);
}

/** Security control ‖ authentication key, and the text where it is not encrypted. */
function associated(keys: CipherKeys, control: number, text: Uint8Array | undefined): Uint8Array {
  const head = Uint8Array.of(control, ...keys.authentication);
  return text === undefined ? head : Buffer.concat([head, text]);
}
