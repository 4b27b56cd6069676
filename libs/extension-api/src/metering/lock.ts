import { createHash, randomBytes } from 'node:crypto';
import type { InstanceState } from '../context.js';

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
  private readonly credentials: Uint8Array;

  /** `credentials`: all that a change of may make the meter accept, the same for the same config. */
  constructor(
    private readonly state: InstanceState,
    { device, credentials }: { readonly device: string; readonly credentials: Uint8Array },
  ) {
    this.key = `refused:${device}`;
    this.credentials = credentials;
  }

  /** Why nothing may be tried with this config; undefined where it may. */
  async reason(): Promise<string | undefined> {
    const kept = await this.state.get<Kept>(this.key);
    if (kept === undefined) return undefined;
    if (kept.print === credentialPrint(this.credentials, kept.salt)) return kept.reason;
    await this.state.set(this.key, null);
    return undefined;
  }

  async set(reason: string): Promise<void> {
    const salt = randomBytes(16).toString('hex');
    await this.state.set(this.key, { salt, print: credentialPrint(this.credentials, salt), reason } satisfies Kept);
  }
}

/** What shows whether credentials are still the same, and nothing else of them. */
export function credentialPrint(credentials: Uint8Array, salt: string): string {
  return createHash('sha256').update(salt).update(credentials).digest('hex');
}
