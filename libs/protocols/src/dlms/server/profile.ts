import {
  ByteWriter,
  decodeDateTime,
  localTime,
  utcTime,
  writeData,
  type Data,
  type GetResult,
  type Selection,
} from '../../cosem/index.js';
import { captureData, selectorOf, type CaptureObject, type Selector } from '../selector.js';
import { meterObject, UNMATCHED, type MeterObject, type ObjectName } from './object.js';

export interface ProfileFields {
  readonly columns: readonly CaptureObject[];
  /** s; 0 = by event. */
  readonly period: number;
  /** Rows that fit. */
  readonly capacity: number;
  /** Oldest first, a value for each column. */
  readonly rows: () => readonly (readonly Data[])[];
  /** How many rows there are, and those of a stretch of the clock, ms UTC, both ends in it; where it is quicker than to look at all. */
  readonly index?: { count(): number; between(from: number, to: number): readonly (readonly Data[])[] };
  /** Whether values that are as in the row before are sent as null-data. Default false. */
  readonly compressed?: boolean;
}

const CLOCK = 8;
const NULL: Data = { type: 'null-data' };
const double = (value: number): Data => ({ type: 'double-long-unsigned', value });

/** Class 7, read whole, by range or by entry (IEC 62056-6-2 §4.3.6). */
export function profileObject(at: ObjectName, fields: ProfileFields): MeterObject {
  const { columns, period, capacity, rows, index } = fields;
  const object = meterObject(7, { version: 1, ...at }, [
    undefined,
    { type: 'array', value: columns.map(captureData) },
    double(period),
    // first in, first out, by no column
    { type: 'enum', value: 1 },
    captureData({ classId: 0, name: new Uint8Array(6), attribute: 0 }),
    () => double(index?.count() ?? rows().length),
    double(capacity),
  ] as const);
  return {
    ...object,
    read: (attribute, selection) => (attribute === 2 ? buffer(fields, selection) : object.read(attribute, selection)),
  };
}

function buffer(fields: ProfileFields, selection: Selection | undefined): GetResult {
  const selector = selection === undefined ? undefined : selectorOf(selection);
  if (selection !== undefined && selector === undefined) return { error: UNMATCHED };
  const rows = selector === undefined ? fields.rows() : chosen(fields, selector);
  if (rows === undefined) return { error: UNMATCHED };
  const value = (fields.compressed ?? false) ? rows.map((row, i) => thinned(fields, row, rows[i - 1])) : rows;
  return { data: { type: 'array', value: value.map((row) => ({ type: 'structure', value: row })) } };
}

function chosen({ columns, rows, index }: ProfileFields, selector: Selector): readonly (readonly Data[])[] | undefined {
  if (selector.by === 'entry') {
    const { from, to, fromColumn = 1, toColumn = 0 } = selector;
    const end = toColumn === 0 ? columns.length : toColumn;
    return rows()
      .slice(Math.max(0, from - 1), to === 0 ? undefined : to)
      .map((row) => row.slice(fromColumn - 1, end));
  }
  const [from, to] = [orderOf(selector.from), orderOf(selector.to)];
  const key = columns.findIndex((column) => isSame(column, selector.column));
  if (key < 0 || from === undefined || to === undefined) return undefined;
  const kept = (selector.columns ?? []).map((wanted) => columns.findIndex((column) => isSame(column, wanted)));
  if (kept.includes(-1)) return undefined;
  const isTime = columns[key]!.classId === CLOCK && typeof from === 'number' && typeof to === 'number';
  const near = isTime && index !== undefined ? index.between(from, to) : rows();
  return near
    .filter((row) => {
      const order = orderOf(row[key]!);
      return order !== undefined && order >= from && order <= to;
    })
    .map((row) => (kept.length === 0 ? row : kept.map((i) => row[i]!)));
}

function isSame(a: CaptureObject, b: CaptureObject): boolean {
  return (
    a.classId === b.classId &&
    Buffer.compare(a.name, b.name) === 0 &&
    a.attribute === b.attribute &&
    (a.index ?? 0) === (b.index ?? 0)
  );
}

/** What a value is compared by: ms of a date-time, or the number. */
function orderOf(data: Data): number | bigint | undefined {
  if (data.type === 'octet-string' || data.type === 'date-time') {
    const time = decodeDateTime(data.value);
    return time && (utcTime(time) ?? localTime(time));
  }
  return 'value' in data && (typeof data.value === 'number' || typeof data.value === 'bigint') ? data.value : undefined;
}

/** The first row is whole; of the clock null-data means one period later, of all else the same. */
function thinned(
  { columns, period }: ProfileFields,
  row: readonly Data[],
  before: readonly Data[] | undefined,
): readonly Data[] {
  if (before === undefined || before.length !== columns.length) return row;
  return row.map((data, i) => {
    if (columns[i]!.classId !== CLOCK) return isSameValue(data, before[i]!) ? NULL : data;
    return Number(orderOf(data)) - Number(orderOf(before[i]!)) === period * 1000 ? NULL : data;
  });
}

function isSameValue(a: Data, b: Data): boolean {
  const [one, other] = [new ByteWriter(), new ByteWriter()];
  writeData(one, a);
  writeData(other, b);
  return Buffer.compare(one.done(), other.done()) === 0;
}
