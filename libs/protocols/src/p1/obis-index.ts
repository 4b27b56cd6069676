import { parseObis, scaledUnit, type Obis } from '@smx-edge/model';
import { OBIS_TABLE, p1Slot, unitIndex } from './obis-table.js';
import type { ObisRow, RowForm } from './obis-row.js';

/** A row of the table as the mapper uses it: no text left to compare. */
export interface CompiledRow {
  readonly index: number;
  readonly form: RowForm;
  /** -1 where the object is no point of the meter. */
  readonly slot: number;
  /** Index in `UNITS` of the unit the value must have, -1 for none. */
  readonly unit: number;
  /** Power of ten taken where no unit is printed. */
  readonly assumed: number;
  readonly signed: boolean;
  readonly rank: number;
  readonly off: readonly number[];
  readonly row: ObisRow;
}

/** B of rows that hold for any channel. */
const ANY_CHANNEL = 255;
const LAST_CHANNEL = 15;
const BUCKETS = 1024;

const HIGH = new Int32Array(BUCKETS).fill(-1);
const LOW = new Int32Array(BUCKETS);
const ROWS: (CompiledRow | undefined)[] = new Array<CompiledRow | undefined>(BUCKETS).fill(undefined);

function bucketOf(high: number, low: number): number {
  return (Math.imul(low ^ (high << 13), 0x9e3779b1) >>> 22) & (BUCKETS - 1);
}

function find(high: number, low: number): CompiledRow | undefined {
  for (let at = bucketOf(high, low); HIGH[at] !== -1; at = (at + 1) & (BUCKETS - 1)) {
    if (HIGH[at] === high && LOW[at] === low) return ROWS[at];
  }
  return undefined;
}

function compile(row: ObisRow, index: number): CompiledRow {
  const scaled = row.unit === undefined ? undefined : scaledUnit(row.unit);
  return {
    index,
    form: row.form,
    slot: row.path === undefined ? -1 : p1Slot(row.path),
    unit: unitIndex(scaled?.unit ?? null),
    assumed: scaled?.exponent ?? 0,
    signed: row.signed === true,
    rank: row.rank ?? 0,
    off: row.off ?? [],
    row,
  };
}

function codeOf(row: ObisRow): Obis {
  // rows of the table are constants; one that is no code is caught by the test over the table
  return parseObis(row.code.replace('-n:', `-${ANY_CHANNEL}:`)) ?? { a: 0, b: 0, c: 0, d: 0, e: 0, f: 0 };
}

OBIS_TABLE.forEach((row, index) => {
  const { a, b, c, d, e } = codeOf(row);
  const high = (a << 8) | b;
  const low = (c << 16) | (d << 8) | e;
  let at = bucketOf(high, low);
  while (HIGH[at] !== -1) at = (at + 1) & (BUCKETS - 1);
  HIGH[at] = high;
  LOW[at] = low;
  ROWS[at] = compile(row, index);
});

/**
 * Row of the code at `6 i` of `code`; undefined for an object without a name of its own. Registers of B = 1 stand for
 * those of B = 0 (Swiss meters, Sagemcom XT211); `*F` other than 255 is a value of the past and has no row.
 */
export function rowOf(code: Uint16Array, i: number): CompiledRow | undefined {
  const at = i * 6;
  const a = code[at]!;
  const b = code[at + 1]!;
  const c = code[at + 2]!;
  const d = code[at + 3]!;
  const e = code[at + 4]!;
  if (code[at + 5] !== 255 || (a | b | c | d | e) > 255) return undefined;
  const low = (c << 16) | (d << 8) | e;
  const exact = find((a << 8) | b, low);
  if (exact !== undefined || b === 0) return exact;
  if (a === 0 && b <= LAST_CHANNEL) return find(ANY_CHANNEL, low);
  return a === 1 && b === 1 ? find(1 << 8, low) : undefined;
}
