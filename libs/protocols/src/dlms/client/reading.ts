import type { Selector } from '../selector.js';

/** An attribute by logical name. */
export interface NameReading {
  readonly classId: number;
  /** Six octets. */
  readonly name: Uint8Array;
  readonly attribute: number;
  readonly selector?: Selector;
}

/** An attribute by short name: see `shortName`. */
export interface ShortNameReading {
  readonly shortName: number;
  readonly selector?: Selector;
}

export type Reading = NameReading | ShortNameReading;
