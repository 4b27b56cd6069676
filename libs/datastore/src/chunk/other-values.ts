import type { OtherValue } from '../history/sample-run.js';
import type { ByteReader } from '../journal/byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { readColumn, writeColumn } from './column.js';

const TEXT = 0;
const LIST = 1;

type Value = NonNullable<OtherValue>;

const keyOf = (value: Value): string =>
  typeof value === 'string' ? `t${value}` : `l${Buffer.from(Float64Array.from(value).buffer).toString('latin1')}`;

/** Texts and lists: each different one once, in order of first use, then which of them each sample has. */
export function writeOthers(values: readonly Value[], into: ByteWriter): void {
  const known = new Map<string, number>();
  const which = new Float64Array(values.length);
  const distinct: Value[] = [];
  for (const [i, value] of values.entries()) {
    const key = keyOf(value);
    const at = known.get(key) ?? distinct.push(value) - 1;
    known.set(key, at);
    which[i] = at;
  }
  into.varint(distinct.length);
  for (const value of distinct) {
    if (typeof value === 'string') {
      const bytes = Buffer.from(value, 'utf8');
      into.byte(TEXT);
      into.varint(bytes.length);
      into.append(bytes);
    } else {
      into.byte(LIST);
      into.varint(value.length);
      writeColumn(Float64Array.from(value), into);
    }
  }
  writeColumn(which, into);
}

export function readOthers(reader: ByteReader, n: number): Value[] {
  const distinct: Value[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const isList = reader.byte() === LIST;
    const length = reader.varint();
    distinct.push(isList ? [...readColumn(reader, length)] : reader.take(length).toString('utf8'));
  }
  return Array.from(readColumn(reader, n), (at) => distinct[at]!);
}
