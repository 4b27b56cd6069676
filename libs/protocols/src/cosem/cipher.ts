import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import { SmxError } from '@smx-edge/model';

const TAG_LENGTH = 12;
const TAGGED = { authTagLength: TAG_LENGTH };
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
  const counter = ((text[1]! << 24) | (text[2]! << 16) | (text[3]! << 8) | text[4]!) >>> 0;
  const authenticated = (control & AUTHENTICATED) !== 0;
  return { suite: control & 0x0f, authenticated, encrypted: (control & ENCRYPTED) !== 0, counter };
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
  if (!authenticated && !encrypted) return sealed(control, counter, plain);
  const iv = nonce(title, counter);
  const cipher = createCipheriv(cipherOf(keys.suite), keys.block, iv, TAGGED);
  if (authenticated) cipher.setAAD(associated(keys, control, encrypted ? undefined : plain));
  const text = encrypted ? cipher.update(plain) : plain;
  cipher.final();
  return sealed(control, counter, text, authenticated ? cipher.getAuthTag() : undefined);
}

function sealed(control: number, counter: number, ...parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  let length = HEADER;
  for (const part of parts) length += part?.length ?? 0;
  // every byte of it is set below
  const all = Buffer.allocUnsafe(length);
  all[0] = control;
  putCounter(all, 1, counter);
  let at = HEADER;
  for (const part of parts) {
    if (part === undefined) continue;
    all.set(part, at);
    at += part.length;
  }
  return all;
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
  if (!authenticated && !encrypted) return { plain: text.subarray(HEADER), counter };
  const end = authenticated ? text.length - TAG_LENGTH : text.length;
  if (end < HEADER) refuse('it is too short');
  const content = text.subarray(HEADER, end);
  const iv = nonce(title, counter);
  const decipher = createDecipheriv(cipherOf(keys.suite), keys.block, iv, TAGGED);
  if (authenticated) {
    decipher.setAAD(associated(keys, text[0]!, encrypted ? undefined : content));
    decipher.setAuthTag(text.subarray(end));
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
  const text = seal(challenge, { keys, title, counter, protection: { authenticated: true, encrypted: false } });
  return Buffer.concat([text.subarray(0, HEADER), text.subarray(-TAG_LENGTH)]);
}

/** System title ‖ counter. */
function nonce(title: Uint8Array, counter: number): Uint8Array {
  const all = Buffer.allocUnsafe(title.length + 4);
  all.set(title);
  putCounter(all, title.length, counter);
  return all;
}

function putCounter(bytes: Uint8Array, at: number, counter: number): void {
  bytes[at] = counter >>> 24;
  bytes[at + 1] = counter >>> 16;
  bytes[at + 2] = counter >>> 8;
  bytes[at + 3] = counter;
}

/** Security control ‖ authentication key, and the text where it is not encrypted. */
function associated({ authentication }: CipherKeys, control: number, text: Uint8Array | undefined): Uint8Array {
  const head = authentication.length + 1;
  const all = Buffer.allocUnsafe(head + (text?.length ?? 0));
  all[0] = control;
  all.set(authentication, 1);
  if (text !== undefined) all.set(text, head);
  return all;
}
