import { SmxError, type ProfileRow, type Zone } from '@smx-edge/model';
import { decimalText, type Data } from '@smx-edge/protocols/cosem';
import { rawOf } from '../objects/values.js';
import type { Column } from './capture.js';
import { meterTime } from './meter-time.js';

export interface RowForm {
  readonly columns: readonly Column[];
  /** ms. */
  readonly period: number;
  readonly zone: Zone;
  /** Where the meter puts the stamp of an interval. */
  readonly stamp: 'end' | 'start';
}

const DECIMALS = 17;

/**
 * Rows of a profile's buffer, whole numbers as decimal text with the scaler applied. Null-data means "as in the row before",
 * for the clock one period later (Blue Book §4.3.6). Throws SMX_PROTOCOL_APDU where a row is not as its columns say: nothing
 * of it may be kept then.
 */
export function rowsOf(buffer: Data, { columns, period, zone, stamp }: RowForm): ProfileRow[] {
  if (buffer.type !== 'array' && buffer.type !== 'compact-array') return malformed('a buffer that is no array');
  const rows: ProfileRow[] = [];
  let at: number | undefined;
  let before: readonly Data[] | undefined;
  for (const entry of buffer.value) {
    if (entry.type !== 'structure' || entry.value.length !== columns.length)
      return malformed('a row with other columns than the profile names');
    const cells: Data[] = entry.value.map((cell, i) =>
      cell.type === 'null-data' && before !== undefined && columns[i]!.kind !== 'clock' ? before[i]! : cell,
    );
    at = clockOf(entry.value, { columns, zone }) ?? (at === undefined || period === 0 ? undefined : at + period);
    if (at === undefined) return malformed('a row without a time');
    rows.push([stamp === 'end' ? at : at + period, statusOf(cells, columns), ...valuesOf(cells, columns)]);
    before = cells;
  }
  return rows;
}

function clockOf(cells: readonly Data[], { columns, zone }: Pick<RowForm, 'columns' | 'zone'>): number | undefined {
  const cell = cells[columns.findIndex(({ kind }) => kind === 'clock')];
  if (cell === undefined || cell.type === 'null-data') return undefined;
  return meterTime(cell, zone)?.t ?? malformed('a row whose time is none');
}

/** The status word as it stands; a bit string with its first bit highest. */
function statusOf(cells: readonly Data[], columns: readonly Column[]): number {
  const cell = cells[columns.findIndex(({ kind }) => kind === 'status')];
  if (cell === undefined || !('value' in cell)) return 0;
  if (typeof cell.value === 'number') return Math.max(0, cell.value);
  if (!(cell.value instanceof Uint8Array)) return 0;
  // more than 48 bits would not stay a whole number
  return cell.value.subarray(0, 6).reduce((word, byte) => word * 256 + byte, 0);
}

function valuesOf(cells: readonly Data[], columns: readonly Column[]): (string | null)[] {
  return cells.flatMap((cell, i) => {
    const column = columns[i]!;
    return column.kind === 'value' ? [valueText(cell, column.scaler)] : [];
  });
}

function valueText(cell: Data, scaler: number): string | null {
  const raw = rawOf(cell);
  if (raw === undefined) return null;
  if (typeof raw === 'bigint' || Number.isInteger(raw)) return decimalText(raw, scaler);
  // a floating-point register has no digits of its own to keep
  return Number((raw * 10 ** scaler).toPrecision(DECIMALS))
    .toFixed(6)
    .replace(/\.?0+$/, '');
}

function malformed(what: string): never {
  throw new SmxError('SMX_PROTOCOL_APDU', `The meter sent ${what}; nothing of it was kept`);
}
