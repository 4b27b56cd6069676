import { canonicalJson } from '../canonical-json.js';

/** Where a chain ends: the number and hash of its last link. */
interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Where all chains of a store end at one moment. */
export interface Head {
  /** ms UTC. */
  readonly t: number;
  readonly epoch: number;
  readonly ledger: ChainEnd;
  /** By `device/id`, in that order. */
  readonly profiles: readonly (readonly [path: string, seq: number, hash: string])[];
}

export interface SignedHead {
  readonly head: Head;
  /** Name of the device key, and its Ed25519 signature over `headText` (base64). */
  readonly key: string;
  readonly sig: string;
}

export const headText = (head: Head): string => `smx-edge head ${canonicalJson(head)}`;
