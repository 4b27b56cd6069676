import { crc32 } from 'node:zlib';
import { ByteReader } from '../journal/byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readColumn, writeColumn } from './column.js';

/** A record of a sealed segment as it stood in its file. */
export interface RecordPlace {
  /** Offset of its frame, and behind that. */
  readonly at: number;
  readonly end: number;
  /** When its first batch was received, ms UTC. */
  readonly received: number;
  /** Blocks of samples; 0 = a record without samples. */
  readonly blocks: number;
}

/**
 * Where the records of a sealed segment stood and when each of their blocks was received: what samples of all points
 * share and no chunk has to repeat. As bytes: CRC-32 over segment and rest (u32, little endian), varint records, varint
 * receive times, the columns bytes skipped before each record, length of its frame, blocks, receive times (one at least
 * for each record).
 */
export class BlockTable {
  private readonly ends: Uint32Array;
  private readonly lengths: Uint32Array;
  private readonly counts: Uint32Array;
  /** Number of the first receive time of each record; undefined where each has one. */
  private readonly first: Uint32Array | undefined;
  private readonly times: Float64Array;
  private ofBlocks: Float64Array | undefined;
  private areRising: boolean | undefined;

  private constructor(reader: ByteReader) {
    const n = reader.varint();
    const times = reader.varint();
    const skipped = readColumn(reader, n);
    this.lengths = Uint32Array.from(readColumn(reader, n));
    this.counts = Uint32Array.from(readColumn(reader, n));
    this.ends = new Uint32Array(n);
    let end = 0;
    for (let i = 0; i < n; i++) this.ends[i] = end += skipped[i]! + this.lengths[i]!;
    this.first = times === n ? undefined : firsts(this.counts);
    this.times = readColumn(reader, times);
  }

  /** Undefined where the bytes are damaged or those of another segment. */
  static read(bytes: Buffer, segment: number): BlockTable | undefined {
    if (bytes.length < 4 || bytes.readUInt32LE(0) !== tableCrc(bytes.subarray(4), segment)) return undefined;
    return new BlockTable(new ByteReader(bytes.subarray(4)));
  }

  get records(): number {
    return this.ends.length;
  }

  /** Receive times of all blocks, in order. */
  get blocks(): Float64Array {
    this.ofBlocks ??= this.counts.every((count) => count > 0) ? this.times : this.withoutEmpty();
    return this.ofBlocks;
  }

  /** Whether each block was received later than the one before; looked at once for all points that share the table. */
  get rises(): boolean {
    this.areRising ??= this.blocks.every((t, i, all) => i === 0 || t > all[i - 1]!);
    return this.areRising;
  }

  record(i: number): RecordPlace {
    const end = this.ends[i]!;
    return { at: end - this.lengths[i]!, end, received: this.received(i, 0), blocks: this.counts[i]! };
  }

  /** Turns ages of samples at these places into their source times. */
  fromAges(ages: Float64Array, record: Float64Array, block: Float64Array): void {
    const { times, first } = this;
    // bits: an index that is a double would be looked at each time
    if (first === undefined) for (let i = 0; i < ages.length; i++) ages[i] = times[record[i]! | 0]! - ages[i]!;
    else for (let i = 0; i < ages.length; i++) ages[i] = times[first[record[i]! | 0]! + (block[i]! | 0)]! - ages[i]!;
  }

  /** Receive time of block `block` of record `record`, ms UTC. */
  received(record: number, block: number): number {
    return this.times[(this.first?.[record] ?? record) + block]!;
  }

  private withoutEmpty(): Float64Array {
    const { counts, times } = this;
    const of = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
    let next = 0;
    let at = 0;
    for (const count of counts) {
      for (let block = 0; block < count; block++) of[next++] = times[at + block]!;
      at += Math.max(1, count);
    }
    return of;
  }
}

function firsts(counts: Uint32Array): Uint32Array {
  const first = new Uint32Array(counts.length);
  for (let i = 1; i < first.length; i++) first[i] = first[i - 1]! + Math.max(1, counts[i - 1]!);
  return first;
}

function tableCrc(bytes: Uint8Array, segment: number): number {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(segment);
  return crc32(bytes, crc32(key));
}

/** Collects the table of a segment as its records are walked. */
export class BlockTableBuilder {
  private readonly skipped: number[] = [];
  private readonly lengths: number[] = [];
  private readonly counts: number[] = [];
  private readonly times: number[] = [];
  private end = 0;

  get records(): number {
    return this.counts.length;
  }

  record({ at, end, received }: Omit<RecordPlace, 'blocks'>): void {
    this.skipped.push(at - this.end);
    this.lengths.push(end - at);
    this.counts.push(0);
    this.times.push(received);
    this.end = end;
  }

  /** A block of the record told last. */
  block(received: number): void {
    if (this.counts[this.counts.length - 1]!++ > 0) this.times.push(received);
    else this.times[this.times.length - 1] = received;
  }

  bytes(segment: number): Buffer {
    const writer = new ByteWriter();
    writer.varint(this.counts.length);
    writer.varint(this.times.length);
    for (const column of [this.skipped, this.lengths, this.counts, this.times])
      writeColumn(Float64Array.from(column), writer);
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(tableCrc(writer.taken(), segment));
    return Buffer.concat([crc, writer.taken()]);
  }
}
