import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';

/** SHA-256 over the hash before it (hex text) and the canonical JSON of what follows, hex: a link of every chain here. */
export function linkHash(previous: string, content: unknown): string {
  return createHash('sha256').update(previous).update(canonicalJson(content)).digest('hex');
}
