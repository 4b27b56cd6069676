import { ByteReader } from '../journal/byte-reader.js';
import { ByteWriter } from './byte-writer.js';

/** Samples by point of a sealed segment. */
export type PointCounts = ReadonlyMap<number, number>;

/** As bytes: varint n, then for each point, by handle, how far that is above the one before and its samples. */
export function encodeCounts(counts: PointCounts): Buffer {
  const writer = new ByteWriter();
  writer.varint(counts.size);
  let last = 0;
  for (const [handle, n] of [...counts].sort(([a], [b]) => a - b)) {
    writer.varint(handle - last);
    writer.varint(n);
    last = handle;
  }
  return Buffer.from(writer.taken());
}

export function decodeCounts(bytes: Buffer): PointCounts {
  const reader = new ByteReader(bytes);
  const counts = new Map<number, number>();
  let handle = 0;
  for (let left = reader.varint(); left > 0; left--) {
    handle += reader.varint();
    counts.set(handle, reader.varint());
  }
  return counts;
}
