import type { Capability, CipherKeys, Protection } from '../../cosem/index.js';
import type { ServerLinkOptions } from '../../hdlc/index.js';
import type { Authentication } from '../client/options.js';
import type { MeterObject } from './object.js';

/** What a meter grants one client. */
export interface MeterAssociation {
  readonly referencing: 'LN' | 'SN';
  readonly authentication: Authentication;
  readonly security?: {
    readonly keys: CipherKeys;
    readonly protection: Protection;
    /** Invocation counters of the meter, each given once. */
    readonly counter: { next(): number };
    /** Highest counter of the client that was seen. */
    readonly clientCounter?: number;
  };
  /** System title of the meter, 8 bytes. */
  readonly title?: Uint8Array;
  /** A new challenge of 8 to 64 bytes for each association. */
  readonly challenge?: () => Uint8Array;
  /** What this meter can do. Without blocks of either kind it sends one APDU, however long. */
  readonly conformance: readonly Capability[];
  /** Longest PDU the meter takes, bytes. */
  readonly maxPdu: number;
  /**
   * As Landis+Gyr answers in plain: the conformance block with the tag of the client, and where that is the long one, the lengths
   * around it as for the short one.
   */
  readonly echoesTag?: boolean;
  readonly objects: readonly MeterObject[];
}

export type MeterTransport =
  | ({ readonly framing: 'hdlc' } & ServerLinkOptions)
  /** wPort of the logical device. */
  | { readonly framing: 'wrapper'; readonly server: number };

export interface DlmsServerOptions {
  readonly transport: MeterTransport;
  /** By SAP of the client. */
  readonly associations: ReadonlyMap<number, MeterAssociation>;
}
