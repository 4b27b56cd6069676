import { ZERO } from './bytes.js';

const HOUR = 3_600_000;

export const TST_OK = 0;
/** Twelve digits without S or W: local time of a zone the telegram does not name (DSMR 2.2, 3.0). */
export const TST_LOCAL = 1;
export const TST_EMPTY = 2;
/** Not a date: 0xFF fill (`632525252525S`), letters, a 13th month. */
export const TST_INVALID = 3;
/** The clock of the device was never set, or it is dead: 2000-01-01, 1970. */
export const TST_UNSET = 4;
export type TstStatus = typeof TST_OK | typeof TST_LOCAL | typeof TST_EMPTY | typeof TST_INVALID | typeof TST_UNSET;

export const TST_REASONS = ['', 'local time without zone', 'empty time', 'not a time', 'clock was never set'] as const;

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days from 1970-01-01 to 2000-01-01. */
const DAYS_TO_2000 = 10_957;

/** Milliseconds UTC of a date of 2000–2069, NaN where there is no such date. */
function civil(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1) return NaN;
  const leap = year % 4 === 0;
  if (day > DAYS_IN[month - 1]! + (leap && month === 2 ? 1 : 0)) return NaN;
  const days = year * 365 + ((year + 3) >> 2) + DAYS_BEFORE[month - 1]! + (leap && month > 2 ? 1 : 0) + day - 1;
  return (DAYS_TO_2000 + days) * 86_400_000;
}

/**
 * Time stamp `YYMMDDhhmmssX` of a telegram, read in place. X = S is UTC+2, W is UTC+1 (DSMR P1 5.0.2 §6.4), so no zone
 * is needed. Fields are valid until the next call.
 */
export class TstField {
  /** ms UTC where the status is `TST_OK`; the wall clock as if it were UTC where it is `TST_LOCAL`; NaN otherwise. */
  ms = NaN;
  status: TstStatus = TST_EMPTY;

  parse(bytes: Uint8Array, from: number, to: number): TstStatus {
    this.ms = NaN;
    return (this.status = this.read(bytes, from, to));
  }

  private read(bytes: Uint8Array, from: number, to: number): TstStatus {
    const length = to - from;
    if (length === 0) return TST_EMPTY;
    if (length !== 12 && length !== 13) return TST_INVALID;
    const year = pair(bytes, from);
    const month = pair(bytes, from + 2);
    const day = pair(bytes, from + 4);
    const hour = pair(bytes, from + 6);
    const minute = pair(bytes, from + 8);
    const second = pair(bytes, from + 10);
    if ((year | month | day | hour | minute | second) < 0) return TST_INVALID;
    if (length === 13 && bytes[to - 1] !== 0x53 && bytes[to - 1] !== 0x57) return TST_INVALID;
    if (hour > 23 || minute > 59 || second > 59) return TST_INVALID;
    if (year === 70 && month === 1 && day === 1) return TST_UNSET;
    if (year > 69) return TST_INVALID;
    if (year === 0 && month === 1 && day === 1) return TST_UNSET;
    const date = civil(year, month, day);
    if (Number.isNaN(date)) return TST_INVALID;
    const local = date + ((hour * 60 + minute) * 60 + second) * 1000;
    if (length === 12) {
      this.ms = local;
      return TST_LOCAL;
    }
    this.ms = local - (bytes[to - 1] === 0x53 ? 2 * HOUR : HOUR);
    return TST_OK;
  }
}

function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** `YYMMDDhhmmssX` of `ms` UTC; `offset` is local minus UTC in ms: two hours give S, one hour gives W. */
export function formatTst(ms: number, offset: number): string {
  return formatLocalTst(ms + offset) + (offset === 2 * HOUR ? 'S' : 'W');
}

/** `YYMMDDhhmmss` of a wall clock given as if it were UTC, as DSMR 2.2 and 3.0 print it. */
export function formatLocalTst(local: number): string {
  return new Date(local).toISOString().replace(/\D/g, '').slice(2, 14);
}
