import type { Clock, Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import type { Fault } from '../line/index.js';
import type { StationQuirk } from './quirks.js';

export type StationVersion = '1.6' | '2.0.1';

export interface ChargePointOptions {
  /** Identity: last segment of the path it dials, and user of its Basic authentication. */
  readonly id: string;
  /** Back end, `ws://host:port/path`; the identity is added. */
  readonly url: string;
  /** Default 1.6. */
  readonly version?: StationVersion;
  /** Phases it charges on. Default 3. */
  readonly phases?: 1 | 3;
  /** A per phase. Default 16. */
  readonly current?: number;
  /** Of Basic authentication; none where absent. Binary ones as bytes (1.6J §6.2.2). */
  readonly password?: string | Uint8Array;
  /** Token that its owner presents when the car is plugged in; null = nobody does. Default `OWNER`. */
  readonly tag?: string | null;
  /** Whether it takes the car of the house, where there is a house. Default true. */
  readonly car?: boolean;
  /** Keys of 1.6 with other values than usual. */
  readonly settings?: Readonly<Record<string, string>>;
  /** ms of the wall clock before it dials again, doubled up to `most`. Default 1 s … 60 s. */
  readonly retry?: { readonly least: number; readonly most: number };
  /** ms for which it waits for an answer. Default 30 s. */
  readonly timeout?: number;
  /** Of its back-off and its quirks. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<StationQuirk>[];
}

export interface ChargePointTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Where the station stands; without one a car is there only by `plug`. */
  readonly house?: House;
  /** Its own clock, ms UTC; default that of the house, or `clock`. */
  readonly now?: () => number;
}
