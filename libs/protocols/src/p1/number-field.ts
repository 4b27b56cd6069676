import { scaledUnit, UNITS } from '@smx-edge/model';
import { DOT, latin1, MINUS, PLUS, STAR } from './bytes.js';

export const NUMBER_OK = 0;
export const NUMBER_EMPTY = 1;
export const NUMBER_BROKEN = 2;
/** More digits than a double keeps. */
export const NUMBER_TOO_LARGE = 3;
export type NumberStatus = typeof NUMBER_OK | typeof NUMBER_EMPTY | typeof NUMBER_BROKEN | typeof NUMBER_TOO_LARGE;

/** No unit is printed. */
export const UNIT_NONE = -1;
/** Something is printed that is no unit. */
export const UNIT_UNKNOWN = -2;

const COMMON = [
  'kWh',
  'kW',
  'V',
  'A',
  'm3',
  's',
  'Wh',
  'W',
  'kvar',
  'kvarh',
  'var',
  'varh',
  'kVAr',
  'kVArh',
  'kVA',
  'VA',
  'Hz',
  'GJ',
  'MJ',
  'kwh',
  'dm3',
  'MWh',
];
const BUCKETS = 256;
const MULTIPLIER = 31;

interface Spelling {
  readonly bytes: Uint8Array;
  readonly unit: number;
  readonly exponent: number;
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = (value * MULTIPLIER + bytes[i]!) | 0;
  return value & (BUCKETS - 1);
}

/** The usual spellings by hash, so that no text is made for them; a clash leaves the later one to the slow way. */
const SPELLINGS: readonly (Spelling | undefined)[] = spellings();

function spellings(): (Spelling | undefined)[] {
  const table = new Array<Spelling | undefined>(BUCKETS).fill(undefined);
  for (const text of COMMON) {
    const bytes = Buffer.from(text, 'latin1');
    const scaled = scaledUnit(text);
    const at = hash(bytes, 0, bytes.length);
    if (scaled !== undefined) table[at] ??= { bytes, unit: UNITS.indexOf(scaled.unit), exponent: scaled.exponent };
  }
  return table;
}

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** `mantissa` · 10^`exponent` with at most one rounding: the nearest double of the exact decimal. */
export function decimalValue(mantissa: number, exponent: number): number {
  return exponent >= 0 ? mantissa * POWERS[exponent]! : mantissa / POWERS[-exponent]!;
}

/**
 * A number with its unit, read in place: `01.001*kW`, `0.000kWh` (lost asterisk), `00008`, `-063*A`. Fields are valid
 * until the next call.
 */
export class NumberField {
  /** The digits as an integer, with sign. */
  mantissa = 0;
  decimals = 0;
  /** Index in `UNITS`, `UNIT_NONE` or `UNIT_UNKNOWN`. */
  unit: number = UNIT_NONE;
  /** Power of ten from the printed unit to the one of the house. */
  exponent = 0;

  parse(bytes: Uint8Array, from: number, to: number): NumberStatus {
    this.unit = UNIT_NONE;
    this.exponent = 0;
    if (from === to) return NUMBER_EMPTY;
    let i = from;
    const sign = bytes[i]!;
    if (sign === MINUS || sign === PLUS) i++;
    let mantissa = 0;
    let digits = 0;
    let point = -1;
    for (; i < to; i++) {
      const byte = bytes[i]!;
      const digit = byte - 0x30;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digits++;
      } else if (byte === DOT && point < 0) point = digits;
      else break;
    }
    if (digits === 0 || point === digits || point === 0) return NUMBER_BROKEN;
    this.decimals = point < 0 ? 0 : digits - point;
    if (mantissa > Number.MAX_SAFE_INTEGER || this.decimals > 15) return NUMBER_TOO_LARGE;
    this.mantissa = sign === MINUS && mantissa !== 0 ? -mantissa : mantissa;
    return i === to || this.readUnit(bytes, i, to) ? NUMBER_OK : NUMBER_BROKEN;
  }

  /** The value in the unit of the house; `assumed` is the exponent taken where no unit is printed. */
  value(assumed = 0): number {
    return decimalValue(this.mantissa, this.shift(assumed));
  }

  shift(assumed = 0): number {
    return (this.unit === UNIT_NONE ? assumed : this.exponent) - this.decimals;
  }

  /** Reads a unit that is printed in a bracket of its own, for the digits read before. */
  parseUnit(bytes: Uint8Array, from: number, to: number): void {
    if (from < to) this.readUnit(bytes, from, to);
  }

  /** False where what follows the digits cannot be a unit at all. */
  private readUnit(bytes: Uint8Array, at: number, to: number): boolean {
    const from = bytes[at] === STAR ? at + 1 : at;
    if (from === to) return true;
    const known = SPELLINGS[hash(bytes, from, to)];
    if (known !== undefined && to - from === known.bytes.length && sameAt(bytes, from, known.bytes)) {
      this.unit = known.unit;
      this.exponent = known.exponent;
      return true;
    }
    const scaled = scaledUnit(latin1(bytes, from, to));
    this.unit = scaled === undefined ? UNIT_UNKNOWN : UNITS.indexOf(scaled.unit);
    this.exponent = scaled?.exponent ?? 0;
    return scaled !== undefined || from > at;
  }
}

function sameAt(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}
