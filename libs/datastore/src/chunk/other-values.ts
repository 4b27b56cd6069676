import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OtherValue } from '../history/sample-run.js';
import { ByteReader } from '../journal/byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readColumn, writeColumn } from './column.js';

const TEXT = 0;
const LIST = 1;

type Value = NonNullable<OtherValue>;

const keyOf = (value: Value): string =>
  typeof value === 'string' ? `t${value}` : `l${Buffer.from(Float64Array.from(value).buffer).toString('latin1')}`;

/** Texts and lists: each different one once, in order of first use and deflated, then which of them each sample has. */
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
  const own = new ByteWriter();
  for (const value of distinct) {
    if (typeof value === 'string') {
      const bytes = Buffer.from(value, 'utf8');
      own.byte(TEXT);
      own.varint(bytes.length);
      own.append(bytes);
    } else {
      own.byte(LIST);
      own.varint(value.length);
      writeColumn(Float64Array.from(value), own, { deflate: false });
    }
  }
  const bytes = deflateRawSync(own.taken());
  into.varint(distinct.length);
  into.varint(bytes.length);
  into.append(bytes);
  writeColumn(which, into);
}

export function readOthers(reader: ByteReader, n: number): Value[] {
  const distinct: Value[] = [];
  let left = reader.varint();
  const own = new ByteReader(inflateRawSync(reader.take(reader.varint())));
  for (; left > 0; left--) {
    const isList = own.byte() === LIST;
    const length = own.varint();
    distinct.push(isList ? [...readColumn(own, length)] : own.take(length).toString('utf8'));
  }
  return Array.from(readColumn(reader, n), (at) => distinct[at]!);
}
