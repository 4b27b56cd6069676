import { decimalText, formatObis, parseObis, scaledUnit, SmxError, type ProfileColumn } from '@smx-edge/model';
import { decodeAddress, obisOf, type ProfileChannel } from '@smx-edge/protocols/iec62056-21';

/** What a profile's rows are. */
export interface Shape {
  /** ms between rows. */
  readonly period: number;
  readonly channels: readonly ProfileChannel[];
}

const DECIMAL = /^-?(\d{1,32})(?:\.(\d{1,32}))?$/;

/** Columns in units of the house, as far as it knows them. Throws SMX_PROTOCOL_BLOCK where a channel names no register. */
export function columnsOf({ channels }: Shape): ProfileColumn[] {
  return channels.map(({ address, unit }) => {
    const decoded = decodeAddress(address);
    const code = decoded && parseObis(obisOf(decoded));
    if (code === undefined)
      throw new SmxError('SMX_PROTOCOL_BLOCK', `The channel "${address}" of the load profile names no register`);
    return { obis: formatObis(code), unit: scaledUnit(unit)?.unit ?? (unit === '' ? null : unit) };
  });
}

/** A value of a channel with all its digits, in the unit of its column; null where it is no number. */
export function cellOf(text: string, { unit }: ProfileChannel): string | null {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return null;
  const decimals = match[2]?.length ?? 0;
  const raw = BigInt(text.trim().replace('.', ''));
  return decimalText(raw, (scaledUnit(unit)?.exponent ?? 0) - decimals);
}
