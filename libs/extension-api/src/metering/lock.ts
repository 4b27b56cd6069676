import { createHash, randomBytes } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import type { MeterSettings } from '../settings.js';

interface Kept {
  readonly salt: string;
  readonly print: string;
  readonly reason: string;
}

/**
 * Remembers that a meter refused these credentials, over restarts too: tried again and again, a meter locks itself for a day.
 * Of the credentials only a salted hash is kept.
 */
export class Lock {
  private readonly key: string;

  constructor(
    private readonly state: InstanceState,
    private readonly meter: MeterSettings,
  ) {
    this.key = `refused:${meter.device}`;
  }

  /** Why nothing may be tried with this config; undefined where it may. */
  async reason(): Promise<string | undefined> {
    const kept = await this.state.get<Kept>(this.key);
    if (kept === undefined) return undefined;
    if (kept.print === this.print(kept.salt)) return kept.reason;
    await this.state.set(this.key, null);
    return undefined;
  }

  async set(reason: string): Promise<void> {
    const salt = randomBytes(16).toString('hex');
    await this.state.set(this.key, { salt, print: this.print(salt), reason } satisfies Kept);
  }

  private print(salt: string): string {
    const { profile, secret, security, title } = this.meter;
    const { client, server, physical, auth, referencing, transport } = profile;
    const hash = createHash('sha256').update(salt);
    hash.update(JSON.stringify([client, server, physical ?? null, auth, referencing, transport]));
    if (secret !== undefined) hash.update('secret').update(secret);
    if (security !== undefined) {
      const { keys, protection } = security;
      hash
        .update(JSON.stringify([keys.suite, protection]))
        .update(title)
        .update(keys.block)
        .update(keys.authentication);
    }
    return hash.digest('hex');
  }
}
