import { parseObis, SmxError, type Zone } from '@smx-edge/model';
import { encodeDateTime, encodeName, type Data } from '@smx-edge/protocols/cosem';
import type { CaptureObject } from '@smx-edge/protocols/dlms';
import type { Column } from './family.js';

/** Six octets of an OBIS code. Throws SMX_PROTOCOL_ENCODE. */
export function octets(obis: string): Uint8Array {
  const code = parseObis(obis);
  if (code === undefined) throw new SmxError('SMX_PROTOCOL_ENCODE', `"${obis}" is no OBIS code`);
  return encodeName(code);
}

/** How the clock on the wall stands. */
export interface WallClock {
  /** Local minus UTC, ms. */
  readonly offset: number;
  readonly isSummer: boolean;
}

export const clockOf = (t: number, zone: Zone): WallClock => ({ offset: zone.offset(t), isSummer: zone.isSummer(t) });

/** An instant as the meter's own clock shows it. */
export function stamp(t: number, { offset, isSummer }: WallClock): Data {
  return { type: 'octet-string', value: encodeDateTime(t, { deviation: -offset / 60_000, dst: isSummer }) };
}

export const capture = ({ obis, ...column }: Column): CaptureObject => ({ ...column, name: octets(obis) });
export const text = (value: string): Data => ({ type: 'octet-string', value: Buffer.from(value, 'latin1') });
export const unsigned = (value: number): Data => ({ type: 'unsigned', value });
/** Ws as whole Wh; a register that is full begins again at 0. */
export const wattHours = (wattSeconds: number): Data => ({
  type: 'double-long-unsigned',
  value: Math.floor(wattSeconds / 3600) % 2 ** 32,
});
