import { durationText } from './duration.js';
import { SmxError } from './error.js';
import type { Disposable } from './live-source.js';
import { parseObis } from './obis.js';

/** A register that a load profile captures. */
export interface ProfileColumn {
  /** OBIS code `1-0:1.8.0` (IEC 62056-61). */
  readonly obis: string;
  /** UCUM unit in which the values stand; null where there is none. */
  readonly unit: string | null;
  /** Power of ten of the meter's last digit (`scaler_unit`, IEC 62056-6-2), where known. Already applied to the values. */
  readonly scaler?: number;
}

/** Distance of rows, ms; `month` for the months of the site's calendar, 0 where rows come when something happens. */
export type ProfilePeriod = number | 'month';

/** A load profile of a device: what its rows are. Never changes once rows are kept. */
export interface ProfileDefinition {
  readonly device: string;
  readonly id: string;
  readonly period: ProfilePeriod;
  readonly columns: readonly ProfileColumn[];
}

/** The load profiles of the box, whatever rows they have. */
export interface ProfileSource {
  /** In order of path. */
  list(): readonly ProfileDefinition[];
  /** Called where a load profile is new, or is another than before. */
  onDefined(listener: (profile: ProfileDefinition) => void): Disposable;
}

/**
 * Interval end (ms UTC), the meter's status word as it stands (0 = nothing to say), and per column the value as a decimal
 * text as the meter gives it; null = not in the meter.
 */
export type ProfileRow = readonly [end: number, status: number, ...values: (string | null)[]];

/** A row as it is kept. */
export interface ProfileRecord {
  /** Rises with commit order over all profiles; never reused within an epoch. */
  readonly id: number;
  readonly device: string;
  readonly profile: string;
  /** Place in the chain of its profile, from 1. */
  readonly seq: number;
  readonly row: ProfileRow;
  /** SHA-256 of the bytes the row was read from, hex; null where the connector gave none. */
  readonly source: string | null;
  /** SHA-256 over the hash before it and the row, hex. */
  readonly hash: string;
  /** Hash before it, hex. */
  readonly prev: string;
  /** Name of the device key. */
  readonly key: string;
  /** Ed25519 (RFC 8032) over the hash, base64. */
  readonly sig: string;
}

const MOST_COLUMNS = 64;
const LONGEST_PERIOD = 10 * 365 * 86_400_000;
/** The first and last instants of a date, ms. */
const DATES = 8.64e15;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const DECIMAL = /^-?\d{1,32}(\.\d{1,32})?$/;

const invalid = (text: string): SmxError => new SmxError('SMX_PROFILE_INVALID', text);

export const profilePath = ({ device, id }: Pick<ProfileDefinition, 'device' | 'id'>): string => `${device}/${id}`;

/** `15m`, `month`, or `0` where rows come when something happens. */
export const periodText = (period: ProfilePeriod): string =>
  typeof period === 'string' ? period : period === 0 ? '0' : durationText(period);

/** A load profile as HTTP and `cat` name it (contracts §4, §5). */
export const profileHead = ({ device, id, period, columns }: ProfileDefinition): Record<string, unknown> => ({
  device,
  id,
  period: periodText(period),
  columns,
});

/** The definition with its known members alone. Throws SMX_PROFILE_INVALID. */
export function checkedProfile({ device, id, period, columns }: ProfileDefinition): ProfileDefinition {
  if (!ID.test(id)) throw invalid(`"${id}" cannot name a load profile; use letters, digits and . _ : - like P.01`);
  if (period !== 'month' && !(Number.isSafeInteger(period) && period >= 0 && period <= LONGEST_PERIOD))
    throw invalid(`the period of ${device}/${id} is whole milliseconds up to ten years, 0, or "month"`);
  if (!Array.isArray(columns) || columns.length === 0 || columns.length > MOST_COLUMNS)
    throw invalid(`${device}/${id} needs 1 to ${MOST_COLUMNS} columns`);
  return {
    device,
    id,
    period,
    columns: columns.map((column: ProfileColumn) => checkedColumn(column, `${device}/${id}`)),
  };
}

function checkedColumn({ obis, unit, scaler }: ProfileColumn, path: string): ProfileColumn {
  if (typeof obis !== 'string' || parseObis(obis) === undefined)
    throw invalid(`a column of ${path} has no OBIS code like 1-0:1.8.0`);
  if (unit !== null && (typeof unit !== 'string' || unit === '' || unit.length > 20))
    throw invalid(`column ${obis} of ${path} needs a unit, or null where it has none`);
  if (scaler === undefined) return { obis, unit };
  if (!Number.isInteger(scaler) || Math.abs(scaler) > 32)
    throw invalid(`the scaler of column ${obis} of ${path} is a power of ten from -32 to 32`);
  return { obis, unit, scaler };
}

/** A row of so many columns, as a copy. Throws SMX_PROFILE_INVALID. */
export function checkedRow(row: ProfileRow, { path, columns }: { path: string; columns: number }): ProfileRow {
  if (!Array.isArray(row) || row.length !== columns + 2)
    throw invalid(`a row of ${path} is [end, status, ${columns} values]`);
  const [end, status, ...values] = row as unknown[];
  if (!Number.isSafeInteger(end) || Math.abs(end as number) > DATES)
    throw invalid(`the end of a row of ${path} is a time in whole ms UTC`);
  if (!Number.isSafeInteger(status) || (status as number) < 0)
    throw invalid(`the status of the row of ${path} that ends at ${String(end)} is a whole number, 0 or more`);
  for (const value of values)
    if (value !== null && (typeof value !== 'string' || !DECIMAL.test(value)))
      throw invalid(`a value of the row of ${path} that ends at ${String(end)} is no decimal text like "202.356"`);
  return [end as number, status as number, ...(values as (string | null)[])];
}
