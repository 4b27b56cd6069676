import type { Clock, Log } from '@smx-edge/model';
import type { Address, Fault } from '../line/index.js';
import type { CsmsFault } from './csms-faults.js';

export interface CsmsOptions {
  readonly address: Address;
  /** Path before the identity. Default `/ocpp`. */
  readonly path?: string;
  /** The only identities it knows, with their password where they need one; absent = it knows all, without. */
  readonly stations?: Readonly<Record<string, string | Uint8Array | null>>;
  /** Tokens that may charge; absent = all. */
  readonly tags?: readonly string[];
  /** Subprotocols, best first. Default 1.6 and 2.0.1. */
  readonly protocols?: readonly string[];
  /** For one kWh. Default 0.35. */
  readonly tariff?: number;
  /** s between heartbeats. Default 300. */
  readonly heartbeat?: number;
  /** Id of the first transaction, below 0 counting down. Default 1000. */
  readonly firstTransaction?: number;
  /** Bytes of frames that it remembers. Default 4 MiB. */
  readonly recorded?: number;
  /** ms for which it waits for an answer of a station. Default 30 s. */
  readonly timeout?: number;
  readonly seed?: number;
  readonly faults?: readonly Fault<CsmsFault>[];
}

export interface CsmsTools {
  readonly clock: Clock;
  readonly log: Log;
}
