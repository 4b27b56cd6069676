import { SmxError } from '@smx-edge/model';
import { crc16, crcText } from './crc16.js';

/** A line of a telegram: code and the text of each bracket. */
export interface EncodableObject {
  readonly obis: string;
  readonly groups: readonly string[];
}

export interface EncodableTelegram {
  /** What follows `/`: maker, baud character, type, e.g. `ISK5\2M550T-1012`. */
  readonly ident: string;
  readonly objects: readonly EncodableObject[];
  /** CRC behind `!` (DSMR 4 and later); false writes `!` alone as DSMR 2.2 and 3.0 do. Default true. */
  readonly crc?: boolean;
  /** Empty line after the ident; eMUCS meters leave it out in some firmwares. Default true. */
  readonly blankLine?: boolean;
  /** End mark; false leaves it out as the Iskra MT382 does. Default true. */
  readonly end?: boolean;
}

/** Bytes of a telegram as a meter sends them: CRLF lines, `!`, CRC-16/ARC over `/` to `!` (DSMR P1 5.0.2 §6.2). */
export function encodeTelegram({
  ident,
  objects,
  crc = true,
  blankLine = true,
  end = true,
}: EncodableTelegram): Uint8Array {
  const lines = objects.map(({ obis, groups }) => obis + groups.map((group) => `(${group})`).join(''));
  const body = [`/${ident}`, ...(blankLine ? [''] : []), ...lines].map((line) => `${line}\r\n`).join('');
  if (!end) return Buffer.from(body, 'latin1');
  const signed = Buffer.from(`${body}!`, 'latin1');
  return Buffer.concat([signed, Buffer.from(`${crc ? crcText(crc16(signed)) : ''}\r\n`, 'latin1')]);
}

export interface FixedFormat {
  /** All digits, before and behind the point: n of Fn(x,y). */
  readonly digits: number;
  /** Digits behind the point: x of Fn(x,x). */
  readonly decimals: number;
  /** Power of ten of the printed unit: 3 prints a value given in W as kW. Default 0. */
  readonly exponent?: number;
  readonly unit?: string;
}

/**
 * A number as Fn(x,x) with its unit: `fixed(1001, {digits: 5, decimals: 3, exponent: 3, unit: 'kW'})` is `01.001*kW`.
 * The value is rounded to the last digit. Throws SMX_PROTOCOL_ENCODE where it does not fit.
 */
export function fixed(value: number, { digits, decimals, exponent = 0, unit }: FixedFormat): string {
  const shift = decimals - exponent;
  const scaled = Math.round(shift >= 0 ? value * 10 ** shift : value / 10 ** -shift);
  const text = Math.abs(scaled).toString().padStart(digits, '0');
  if (!Number.isSafeInteger(scaled) || text.length > digits)
    throw new SmxError(
      'SMX_PROTOCOL_ENCODE',
      `${value} does not fit a field of ${digits} digits with ${decimals} decimals`,
    );
  const point = digits - decimals;
  const number = decimals === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return `${scaled < 0 ? '-' : ''}${number}${unit === undefined ? '' : `*${unit}`}`;
}

/** Text as the pairs of hexadecimal digits in which octet strings are printed (Sn, equipment ids, messages). */
export function hexText(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase();
}

export interface EncodablePeak {
  /** Start of the following month, ms UTC. */
  readonly closed: number;
  /** End of the quarter hour of the peak, ms UTC. */
  readonly at: number;
  /** W. */
  readonly power: number;
}

/** Groups of `0-0:98.1.0` (eMUCS-P1 1.7.1): count, two object codes, then three groups for each month. */
export function peakHistoryGroups(peaks: readonly EncodablePeak[], tst: (ms: number) => string): string[] {
  const head = [`${peaks.length}`, '1-0:1.6.0', '1-0:1.6.0'];
  if (peaks.length === 0) return [...head, ''];
  const power = { digits: 5, decimals: 3, exponent: 3, unit: 'kW' };
  return [...head, ...peaks.flatMap((peak) => [tst(peak.closed), tst(peak.at), fixed(peak.power, power)])];
}
