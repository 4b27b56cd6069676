import { decodeDataSets } from './data-set.js';
import { decodeStamp, type Stamp } from './stamp.js';

/** A row that says its own time. */
export interface DatedRow {
  readonly stamp: Stamp;
  readonly values: readonly string[];
}

/**
 * Rows `address(yy-mm-dd,hh:mm)(v)(v)…` with a time each and no heading, as meters of Turkish makers answer R2. Rows without a
 * time that can be are left out and counted.
 */
export function decodeDatedRows(text: string): { readonly rows: readonly DatedRow[]; readonly leftOut: number } {
  const rows: DatedRow[] = [];
  let leftOut = 0;
  for (const { values } of decodeDataSets(text)) {
    const [first, ...rest] = values;
    const stamp = first === undefined ? undefined : decodeStamp(first.value);
    if (stamp === undefined) leftOut++;
    else rows.push({ stamp, values: rest.map(({ value, unit }) => (unit === undefined ? value : `${value}*${unit}`)) });
  }
  return { rows, leftOut };
}
