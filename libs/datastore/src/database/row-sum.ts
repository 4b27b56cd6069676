import type Database from 'better-sqlite3';
import { SmxError } from '@smx-edge/model';
import { crc32 } from 'node:zlib';

type Cell = string | number | bigint | Buffer | null;

/** Tells apart where one cell ends and the next begins. */
function cellSum(cell: Cell, sum: number): number {
  if (typeof cell === 'string') return crc32(cell, crc32(`s${cell.length}:`, sum));
  if (Buffer.isBuffer(cell)) return crc32(cell, crc32(`b${cell.length}:`, sum));
  return crc32(`${String(cell)};`, sum);
}

/** CRC-32 over the name of a table and the cells of a row, its key among them: a row stands for itself at its place only. */
const rowSum = (...cells: Cell[]): number => cells.reduce<number>((sum, cell) => cellSum(cell, sum), 0);

/** Makes `row_sum` known to a connection; without it rows cannot be written, nor judged. */
export function addRowSum(db: Database.Database): void {
  db.function('row_sum', { deterministic: true, varargs: true, directOnly: false }, rowSum);
  // generated columns call it
  db.pragma('trusted_schema = ON');
}

/** A row of the store is not what was written. The thread that meets one ends, and the next begins without it. */
export class RowDamage extends SmxError {
  constructor(table: string) {
    super('SMX_STORE_DAMAGED', `a row of ${table} is not what was written; it is left out and told`);
  }
}

/** A row without its `sound`, which must be selected with it. Throws `RowDamage`. */
export function asWritten<T extends { readonly sound: number }>(table: string, { sound, ...row }: T): Omit<T, 'sound'> {
  if (sound !== 1) throw new RowDamage(table);
  return row;
}

/** A row as it comes out of SQLite. */
export type Summed<T> = T & { readonly sound: number };

/** A table by its columns (`name definition, …`), constraints over several of them, and indexes. */
export interface SummedTable {
  readonly name: string;
  readonly columns: string;
  readonly keys?: string;
  readonly withoutRowid?: boolean;
  readonly indexes?: readonly string[];
}

/** Names of columns, as SQL lists them. */
const namesOf = (columns: string): string =>
  columns
    .split(',')
    .map((column) => column.trim().split(' ')[0])
    .join(', ');

/**
 * Creates a table whose rows have a sum over themselves. It stands in `sum`, written with the row by SQLite itself;
 * `sound` is 1 where the row is what was written; it has no type, or SQLite's own check would compute it too.
 */
export function createSummed(
  { name, columns, keys, withoutRowid = false, indexes = [] }: SummedTable,
  as = name,
): string {
  const sum = `row_sum('${name}', ${namesOf(columns)})`;
  const parts = [columns, `sum INTEGER AS (${sum}) STORED`, `sound AS (sum = ${sum}) VIRTUAL`];
  if (keys !== undefined) parts.push(keys);
  const table = `CREATE TABLE ${as} (${parts.join(', ')})${withoutRowid ? ' WITHOUT ROWID' : ''}`;
  return [table, ...(as === name ? indexes : [])].map((statement) => `${statement};\n`).join('');
}

/** Gives the rows of a table a sum. They are taken as they are, and ids go on where they were. */
export function addSums(table: SummedTable): string {
  const { name, columns, indexes = [] } = table;
  const fresh = `${name}_new`;
  const names = namesOf(columns);
  const counter = [
    `DELETE FROM sqlite_sequence WHERE name = '${fresh}'`,
    `INSERT INTO sqlite_sequence SELECT '${fresh}', seq FROM sqlite_sequence WHERE name = '${name}'`,
  ];
  const statements = [
    `INSERT INTO ${fresh} (${names}) SELECT ${names} FROM ${name}`,
    ...(columns.includes('AUTOINCREMENT') ? counter : []),
    `DROP TABLE ${name}`,
    `ALTER TABLE ${fresh} RENAME TO ${name}`,
    ...indexes,
  ];
  return createSummed(table, fresh) + statements.map((statement) => `${statement};\n`).join('');
}
