import type { Apdu, GetResult } from '../../cosem/index.js';
import type { Reading } from './reading.js';
import type { ReadFault } from './step.js';

/** What an answer is to the request that is under way. */
export type Reply =
  | { readonly results: readonly GetResult[] }
  | { readonly block: number; readonly last: boolean; readonly raw: Uint8Array }
  | { readonly fault: ReadFault }
  /** To another request. */
  | 'other';

/** The services that read, by one way of naming (Green Book §9.3.6 and §9.3.13). */
export interface Dialect {
  /** Throws SMX_PROTOCOL_ENCODE for a reading of the other naming. */
  request(readings: readonly Reading[]): Uint8Array;
  /** Asks for the block behind `block`. */
  next(block: number): Uint8Array;
  reply(apdu: Apdu): Reply;
  /** What the blocks of an answer to `count` readings make. Throws SMX_PROTOCOL_APDU. */
  whole(raw: Uint8Array, count: number): readonly GetResult[];
}
