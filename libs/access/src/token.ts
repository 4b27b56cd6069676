import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'smx_';
const TOKEN = /^smx_[A-Za-z0-9_-]{43}$/;

/** A new token: 256 random bits as `smx_` and 43 letters of base64url. */
export function newToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** Whether `token` has the form of one, so that nothing else is ever hashed. */
export function isToken(token: string): boolean {
  return TOKEN.test(token);
}

/** SHA-256, hex: all that is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two hex hashes in constant time. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}
