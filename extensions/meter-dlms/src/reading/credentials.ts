import type { MeterSettings } from '../settings.js';

/** All that a meter may refuse an association for: another of these may be tried. */
export function credentialsOf({ profile, secret, security, title }: MeterSettings): Uint8Array {
  const { client, server, physical, auth, referencing, transport } = profile;
  const parts = [Buffer.from(JSON.stringify([client, server, physical ?? null, auth, referencing, transport]))];
  if (secret !== undefined) parts.push(Buffer.from('secret'), Buffer.from(secret));
  if (security !== undefined) {
    const { keys, protection, counter } = security;
    parts.push(Buffer.from(JSON.stringify([keys.suite, protection, ...(counter > 1 ? [counter] : [])])));
    parts.push(Buffer.from(title), Buffer.from(keys.block), Buffer.from(keys.authentication));
  }
  return Buffer.concat(parts);
}
