import { decimalText, SmxError, type ProfileRow, type Zone } from '@smx-edge/model';
import type { Data } from '@smx-edge/protocols/cosem';
import { profileRows, type ProfileRow as BufferRow } from '@smx-edge/protocols/dlms';
import { rawOf } from '../objects/values.js';
import type { Capture, Column } from './capture.js';
import { zoneTime } from './meter-time.js';

export interface RowForm extends Pick<Capture, 'captured' | 'columns' | 'period'> {
  readonly zone: Zone;
  /** Where the meter puts the stamp of an interval. */
  readonly stamp: 'end' | 'start';
}

const DIGITS = 15;

/**
 * Rows of a profile's buffer, whole numbers as decimal text with the scaler applied. Throws SMX_PROTOCOL_APDU where a row is
 * not as its columns say, or has no time: nothing of the buffer may be kept then.
 */
export function rowsOf(buffer: Data, { captured, columns, period, zone, stamp }: RowForm): ProfileRow[] {
  let before: number | undefined;
  return profileRows(buffer, { columns: captured, period: period / 1000 }).map((row): ProfileRow => {
    const at =
      timeOf(row, zone) ?? (row.clockStatus === undefined && before !== undefined ? before + period : undefined);
    if (at === undefined || (at === before && period === 0))
      throw new SmxError('SMX_PROTOCOL_APDU', 'A row of the load profile has no time; nothing of it was kept');
    before = at;
    return [stamp === 'end' ? at : at + period, statusOf(row.values, columns), ...valuesOf(row.values, columns)];
  });
}

/** Undefined where the row tells none of its own. */
export function timeOf({ t, local, clockStatus }: BufferRow, zone: Zone): number | undefined {
  if (t !== undefined || local === undefined || clockStatus === undefined) return t;
  return zoneTime(local, clockStatus, zone);
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

/** A number as decimal text; null where there is none. */
export function valueText(cell: Data, scaler: number): string | null {
  const raw = rawOf(cell);
  if (raw === undefined) return null;
  if (typeof raw === 'bigint' || Number.isInteger(raw)) return decimalText(raw, scaler);
  // a floating-point register has no digits of its own to keep
  return Number((raw * 10 ** scaler).toPrecision(DIGITS))
    .toFixed(6)
    .replace(/\.?0+$/, '');
}
