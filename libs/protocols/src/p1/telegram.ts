import type { PointValue } from '@smx-edge/model';
import type { BadLine, P1Object } from './tokens.js';

/**
 * What the CRC says: `ok`, `bad`, `absent` (DSMR 2.2 and 3.0 have none), `restored` (right once the CRLF line ends that
 * a gateway changed are put back).
 */
export type P1Verdict = 'ok' | 'bad' | 'absent' | 'restored';

/**
 * `plain`; `verified`: GCM tag right; `unauthenticated`: decrypted, the tag does not match with the configured
 * authentication data, and the CRC inside is right, which is the weaker proof.
 */
export type P1Protection = 'plain' | 'verified' | 'unauthenticated';

/** State of a slot. From `SLOT_OFF` on the value is null, and `reason` tells why. */
export const SLOT_ABSENT = 0;
export const SLOT_VALUE = 1;
/** A value whose unit was not printed and is taken from the table. */
export const SLOT_UNIT_ASSUMED = 2;
export const SLOT_OFF = 3;
export const SLOT_EMPTY = 4;
export const SLOT_BROKEN = 5;
export const SLOT_WRONG_UNIT = 6;
export const SLOT_TWICE = 7;
export const SLOT_TOO_LARGE = 8;
export const SLOT_BAD_TIME = 9;
export const SLOT_PART_MISSING = 10;
export const SLOT_NEGATIVE = 11;
export const SLOT_BLANK = 12;

/** Why a slot has no value, by state. */
export const SLOT_REASONS: readonly string[] = [
  'not in the telegram',
  '',
  'unit not printed',
  'not active',
  'empty',
  'not readable',
  'unit of another quantity',
  'printed twice with different values',
  'more digits than can be kept',
  'no valid time',
  'a part of it has no value',
  'negative where it cannot be',
  'blank',
];

export type Medium = 'electricity' | 'gas' | 'heat' | 'water' | 'warm-water' | 'cooling' | 'heat-cost' | 'unknown';

/**
 * A sub-meter. Of several of one medium the one read last is `primary`; one read within the hour before it is
 * `secondary`; an older one was replaced and is `stale`; `empty` has no valid reading.
 */
export interface SubMeter {
  /** M-Bus channel; 0 for one that DSMR 2.2 addresses by medium. */
  readonly channel: number;
  readonly medium: Medium;
  /** Device type of EN 13757-3 as printed, null where it is not. */
  readonly type: number | null;
  /** Equipment identifier: what a sub-meter is known by, never its channel. Personal. */
  readonly id: string | null;
  readonly ean: string | null;
  /** Reading in `unit`, null with `reason` where there is none. */
  readonly value: number | null;
  readonly unit: 'm3' | 'J' | 'Wh' | null;
  readonly unitAssumed: boolean;
  /** When it was read, ms UTC; null where that is not known. */
  readonly captured: number | null;
  /** Wall clock of the reading as if it were UTC, where it comes without S or W; null otherwise. */
  readonly capturedLocal: number | null;
  readonly reason: string | null;
  readonly valve: 'closed' | 'open' | 'released' | null;
  readonly rank: 'primary' | 'secondary' | 'stale' | 'empty';
  readonly obis: string | null;
}

/** A register that has no name of its own. */
export interface P1Register {
  readonly obis: string;
  /** `obis/1-0_42-1-0`. */
  readonly path: string;
  /** In `unit` where one is printed; else the text of the brackets; null where they are empty. */
  readonly value: number | string | null;
  readonly unit: string | null;
}

/** Highest quarter-hour demand of a month (eMUCS-P1 1.7.1, object 0-0:98.1.0). */
export interface MonthPeak {
  /** End of the month, ms UTC: the first moment of the next one. */
  readonly closed: number;
  /** End of the quarter hour, ms UTC; null where the month has none. */
  readonly at: number | null;
  /** W; null where the month has none. */
  readonly power: number | null;
}

export interface PowerFailure {
  /** ms UTC. */
  readonly end: number;
  /** s. */
  readonly duration: number;
}

/** A telegram as received. One object is used for all: what outlives the callback must be copied. */
export interface P1Telegram {
  readonly verdict: P1Verdict;
  readonly protection: P1Protection;
  /** What ended it: `!`, the next telegram, or silence. */
  readonly closedBy: 'marker' | 'next' | 'silence';
  /** Whether this version always has a CRC, so that `absent` means it was lost. */
  readonly crcExpected: boolean;
  /** What follows `/`. */
  readonly ident: string;
  /** DSMR version as printed (`50`), eMUCS version as printed (`50217`). */
  readonly dsmrVersion: string | null;
  readonly emucsVersion: string | null;
  /** Time of the telegram, ms UTC; NaN where it has none that is valid. */
  readonly time: number;
  /** Wall clock as if it were UTC, where it comes without S or W and no zone was given; NaN otherwise. */
  readonly localTime: number;
  /** Slots that are in this telegram, in `present[0 … count - 1]`. */
  readonly count: number;
  readonly present: Int32Array;
  /** By slot: value in the unit of the house, ms UTC for times; NaN = null. */
  readonly values: Float64Array;
  /** By slot: `SLOT_…`. */
  readonly states: Uint8Array;
  readonly subMeters: readonly SubMeter[];
  readonly registers: readonly P1Register[];
  /** Oldest first; null where the telegram has no such object. The same array until it changes. */
  readonly peaks: readonly MonthPeak[] | null;
  /** Entries with a valid time, as printed; null where the telegram has no such object. The same array until it changes. */
  readonly failures: readonly PowerFailure[] | null;
  readonly badLines: readonly BadLine[];
  /** Text of a string slot. */
  text(slot: number): string | null;
  /** Value of a path below the meter; undefined where it is not in the telegram. */
  get(path: string): PointValue | undefined;
  /** Why a slot is null or flagged, undefined where it is a plain value. */
  reason(slot: number): string | undefined;
  /** Everything printed, as text. */
  objects(): P1Object[];
  /** Copy of the (decrypted) text from `/` to `!`. */
  bytes(): Uint8Array;
}
