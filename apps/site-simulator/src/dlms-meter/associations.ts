import { randomBytes } from 'node:crypto';
import type { CipherKeys } from '@smx-edge/protocols/cosem';
import type { MeterAssociation, MeterObject } from '@smx-edge/protocols/dlms';
import type { Family } from './family.js';

/** Clients a meter knows, by SAP. */
const PUBLIC = 16;
const MANAGEMENT = 1;
/** Readers with a password: of most makers, and of Landis+Gyr. */
const READERS = [17, 32];
const CHALLENGE = 16;
/** Since then counters rise, ten each second: a simulator that starts again goes on above where it was. */
const COUNTERS_SINCE = Date.UTC(2026, 0, 1);

export interface AccessOptions {
  readonly family: Family;
  readonly maxPdu: number;
  /** Whether it sends what is longer than the reader takes in blocks; else as one APDU, however long. */
  readonly blocks: 'none' | 'get' | 'general';
  /** Of the readers. */
  readonly password?: Uint8Array;
  /** Of the management client, which proves itself by GMAC. */
  readonly security?: { readonly keys: CipherKeys; readonly policy: number };
  /** 8 bytes. */
  readonly title: Uint8Array;
  /** Highest counter of the client that the meter thinks it saw; undefined as long as it is right. */
  readonly seen: () => number | undefined;
}

/**
 * Who may read the meter, and what: the public client all there is on a meter that knows no secret, else only who it is; readers
 * with a password, and management by its keys, all.
 */
export function associations(
  options: AccessOptions,
  objects: { readonly open: readonly MeterObject[]; readonly all: readonly MeterObject[] },
): Map<number, MeterAssociation> {
  const { family, maxPdu, blocks, password, security, title, seen } = options;
  const terms = {
    referencing: family.referencing,
    conformance: [
      ...family.capabilities,
      ...(blocks === 'get' ? (['block-transfer-get-read'] as const) : []),
      ...(blocks === 'general' ? (['general-block-transfer'] as const) : []),
    ],
    ...{ maxPdu, echoesTag: family.echoesTag },
  };
  const isSecret = password !== undefined || security !== undefined;
  const found = new Map<number, MeterAssociation>();
  found.set(PUBLIC, { ...terms, authentication: { mechanism: 0 }, objects: isSecret ? objects.open : objects.all });
  if (password !== undefined)
    for (const client of READERS)
      found.set(client, { ...terms, authentication: { mechanism: 1, password }, objects: objects.all });
  if (security !== undefined) {
    const { keys, policy } = security;
    const counter = new Counter();
    found.set(MANAGEMENT, {
      ...terms,
      objects: objects.all,
      authentication: { mechanism: 5 },
      title,
      challenge: () => randomBytes(CHALLENGE),
      security: {
        keys,
        protection: { authenticated: (policy & 1) !== 0, encrypted: (policy & 2) !== 0 },
        counter,
        // asked for anew by each association
        get clientCounter(): number {
          return seen() ?? -1;
        },
      },
    });
  }
  return found;
}

/** Invocation counters of the meter, each given once, over restarts too. */
class Counter {
  private at = Math.max(1, Math.floor((Date.now() - COUNTERS_SINCE) / 100));

  next(): number {
    return this.at++;
  }
}
