import { SmxError, type ProfileRow, type Zone } from '@smx-edge/model';
import { decodeDatedRows, decodeProfile } from '@smx-edge/protocols/iec62056-21';
import { rowTime } from '../points/meter-stamp.js';
import { cellOf, type Shape } from './columns.js';

/** A row with what its columns are, which may change within one answer. */
export type ShapedRow = readonly [end: number, row: ProfileRow, shape: Shape];

export interface RowForm {
  readonly zone: Zone;
  /** Where the meter puts the stamp of an interval. */
  readonly stamp: 'end' | 'start';
  /** What was asked for ends behind this, ms UTC: tells the two of the doubled hour apart where no season does. */
  readonly after?: number;
}

/** Rows under headings. Throws SMX_PROTOCOL_BLOCK where one is not as its heading says: nothing of the answer may be kept then. */
export function headedRows(text: string, { zone, stamp, after = -Infinity }: RowForm): ShapedRow[] {
  const blocks = decodeProfile(text);
  if ('fault' in blocks) throw new SmxError('SMX_PROTOCOL_BLOCK', `What came is no load profile: ${blocks.fault}`);
  let before = after;
  return blocks.flatMap((block) => {
    if (block.period === undefined)
      throw new SmxError('SMX_PROTOCOL_BLOCK', 'A heading of the load profile has no period');
    const shape = { period: block.period * 60_000, channels: block.channels };
    const shift = stamp === 'end' ? 0 : shape.period;
    const first = rowTime(block.stamp, zone, before - shift) + shift;
    before = first + (block.rows.length - 1) * shape.period;
    const status = block.status === '' ? 0 : Number.parseInt(block.status, 16);
    return block.rows.map((cells, i): ShapedRow => {
      const end = first + i * shape.period;
      return [end, [end, status, ...cells.map((cell, k) => cellOf(cell, block.channels[k]!))], shape];
    });
  });
}

/** Rows with a time each. Throws SMX_PROTOCOL_BLOCK where one has no time, or other values than there are channels. */
export function datedRows(text: string, shape: Shape, { zone, stamp, after = -Infinity }: RowForm): ShapedRow[] {
  if (/^[^()]*\(\)\s*$/.test(text)) return [];
  const { rows, leftOut } = decodeDatedRows(text);
  const isWhole = leftOut === 0 && rows.every(({ values }) => values.length === shape.channels.length);
  if (!isWhole)
    throw new SmxError(
      'SMX_PROTOCOL_BLOCK',
      `A row of the load profile has no time, or not ${shape.channels.length} values`,
    );
  const shift = stamp === 'end' ? 0 : shape.period;
  let before = after - shift;
  return rows.map(({ stamp: at, values }): ShapedRow => {
    // of the doubled hour the second comes behind the first
    before = rowTime(at, zone, before);
    const end = before + shift;
    return [end, [end, 0, ...values.map((cell, k) => cellOf(bare(cell), shape.channels[k]!))], shape];
  });
}

const bare = (cell: string): string => cell.split('*')[0]!;
