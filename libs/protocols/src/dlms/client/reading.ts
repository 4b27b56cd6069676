import type { Data } from '../../cosem/index.js';

/** A column of a profile (IEC 62056-6-2 §4.3.6, `capture_object_definition`). */
export interface CaptureObject {
  readonly classId: number;
  /** Six octets. */
  readonly name: Uint8Array;
  /** 0 = the whole object; numbers of makers, above 127 read as negative, are kept. */
  readonly attribute: number;
  /** 0 = the whole attribute; else the element of a structure or array from 1. Default 0. */
  readonly index?: number;
}

/** Which rows of a profile are wanted. */
export type Selector =
  | {
      readonly by: 'range';
      /** The column that `from` and `to` are of, mostly the clock. */
      readonly column: CaptureObject;
      /** Both included. A date-time as an octet string of twelve. */
      readonly from: Data;
      readonly to: Data;
      /** Default all. */
      readonly columns?: readonly CaptureObject[];
    }
  | {
      readonly by: 'entry';
      /** First row, from 1. */
      readonly from: number;
      /** Last row, included; 0 = the last there is. */
      readonly to: number;
      /** Default 1. */
      readonly fromColumn?: number;
      /** Default 0 = the last. */
      readonly toColumn?: number;
    };

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
