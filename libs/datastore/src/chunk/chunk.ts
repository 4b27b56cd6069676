import { crc32 } from 'node:zlib';
import type { OtherValue, SampleRun } from '../history/sample-run.js';
import type { BlockTable } from './block-table.js';
import { ByteReader } from '../journal/byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readColumn, readConstant, skipColumn, writeColumn } from './column.js';
import { readOthers, writeOthers } from './other-values.js';
import type { PointSamples } from './point-samples.js';

/**
 * All samples of one point out of one segment, in commit order. As bytes: CRC-32 over handle, segment and rest (u32,
 * little endian), a byte of form (bit 0: the time column is receive minus source time, not the source time; bit 1: not
 * all values are numbers; bit 2: some are texts or lists), varint n, then the columns record, block, index (see
 * `PointSamples`), time, quality, kind where not all are numbers, numbers, texts and lists.
 */
const AGES = 0x01;
const MIXED = 0x02;
const OTHERS = 0x04;

const NULL = 0;
const NUMBER = 1;
const OTHER = 2;

export interface ChunkKey {
  readonly handle: number;
  readonly segment: number;
}

function chunkCrc(bytes: Uint8Array, { handle, segment }: ChunkKey): number {
  const key = Buffer.alloc(8);
  key.writeUInt32LE(handle, 0);
  key.writeUInt32LE(segment, 4);
  return crc32(bytes, crc32(key));
}

const columnBytes = (values: Float64Array): Buffer => {
  const writer = new ByteWriter();
  writeColumn(values, writer);
  return writer.taken();
};

export function encodeChunk(key: ChunkKey, samples: PointSamples): Buffer {
  const { n, record, block, index, received } = samples;
  const { t, quality, number, other } = samples.run();
  const others = other?.filter((value) => value !== undefined) ?? [];
  const mixed = others.length > 0 || number.includes(NaN);
  const kinds = mixed ? kindsOf(number, other) : undefined;
  const times = columnBytes(t);
  // a device without a clock has the receive time, which its segment knows already
  const age = new Float64Array(n);
  for (let i = 0; i < n; i++) age[i] = received[i]! - t[i]!;
  const ages = columnBytes(age);
  const byAge = ages.length < times.length;
  const writer = new ByteWriter(times.length + 1024);
  writer.byte((byAge ? AGES : 0) | (mixed ? MIXED : 0) | (others.length > 0 ? OTHERS : 0));
  writer.varint(n);
  for (const column of [record, block, index]) writeColumn(column.subarray(0, n), writer);
  writer.append(byAge ? ages : times);
  writeColumn(new Float64Array(quality), writer);
  if (kinds !== undefined) writeColumn(kinds, writer);
  writeColumn(kinds === undefined ? number : number.filter((_, i) => kinds[i] === NUMBER), writer);
  if (others.length > 0) writeOthers(others, writer);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(chunkCrc(writer.taken(), key));
  return Buffer.concat([crc, writer.taken()]);
}

function kindsOf(number: Float64Array, other: SampleRun['other']): Float64Array {
  const kinds = number.map((value) => (Number.isNaN(value) ? NULL : NUMBER));
  other?.forEach((value, i) => {
    if (value !== undefined) kinds[i] = OTHER;
  });
  return kinds;
}

/** Where the samples of a chunk stand in their segment. */
interface ChunkPlaces {
  readonly record: Float64Array;
  readonly block: Float64Array;
  readonly index: Float64Array;
}

export interface ChunkRead {
  readonly run: SampleRun;
  readonly places: () => ChunkPlaces;
}

/** Room for columns of which only what is made of them stays; grows to the largest chunk met. */
let room: readonly [Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0)];

function scratch(n: number): typeof room {
  if (room[0].length < n) room = [new Float64Array(n), new Float64Array(n)];
  return room;
}

/**
 * The samples of a chunk, undefined where its bytes are damaged or belong elsewhere. `blocks` is asked for the segment's
 * table only where the chunk needs it; where that gives none, the chunk cannot be read either.
 */
export function readChunk(bytes: Buffer, key: ChunkKey, blocks: () => BlockTable | undefined): ChunkRead | undefined {
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== chunkCrc(bytes.subarray(4), key)) return undefined;
  const reader = new ByteReader(bytes.subarray(4));
  const form = reader.byte();
  const n = reader.varint();
  const at = reader.offset;
  const places = (): ChunkPlaces => {
    const own = new ByteReader(reader.bytes);
    own.offset = at;
    return { record: readColumn(own, n), block: readColumn(own, n), index: readColumn(own, n) };
  };
  for (let column = 0; column < 3; column++) skipColumn(reader);
  const times = (form & AGES) === 0 ? { t: readColumn(reader, n) } : readAges(reader, { n, places: at, blocks });
  if (times === undefined) return undefined;
  return { run: { n, ...times, quality: readQuality(reader, n), ...readValues(reader, n, form) }, places };
}

interface AgesRead {
  readonly n: number;
  /** Where the places of the samples stand. */
  readonly places: number;
  readonly blocks: () => BlockTable | undefined;
}

/** Source times out of ages; undefined where there is no table. */
function readAges(reader: ByteReader, { n, places, blocks }: AgesRead): Pick<SampleRun, 't' | 'rises'> | undefined {
  const table = blocks();
  if (table === undefined) return undefined;
  const own = new ByteReader(reader.bytes);
  own.offset = places;
  skipColumn(own);
  skipColumn(own);
  const { blocks: received } = table;
  // in the same place of its block each time, so once in each at most: as many as blocks are one of each
  const isOneOfEach = n === received.length && readConstant(own, n) !== undefined;
  const age = isOneOfEach ? readConstant(reader, n) : undefined;
  if (age !== undefined) return { t: less(received, age), ...(table.rises ? { rises: true } : {}) };
  const t = readColumn(reader, n);
  if (isOneOfEach) for (let i = 0; i < n; i++) t[i] = received[i]! - t[i]!;
  else {
    own.offset = places;
    const [records, blocksOf] = scratch(n);
    table.fromAges(t, readColumn(own, n, records), readColumn(own, n, blocksOf));
  }
  return { t };
}

function less(times: Float64Array, age: number): Float64Array {
  const t = new Float64Array(times.length);
  for (let i = 0; i < t.length; i++) t[i] = times[i]! - age;
  return t;
}

function readQuality(reader: ByteReader, n: number): Uint8Array {
  const quality = new Uint8Array(n);
  const constant = readConstant(reader, n);
  if (constant !== undefined) return quality.fill(constant);
  const [codes] = scratch(n);
  readColumn(reader, n, codes);
  for (let i = 0; i < n; i++) quality[i] = codes[i]!;
  return quality;
}

function readValues(reader: ByteReader, n: number, form: number): Pick<SampleRun, 'number' | 'other'> {
  if ((form & MIXED) === 0) return { number: readColumn(reader, n) };
  const kinds = readColumn(reader, n);
  const count = (kind: number): number => kinds.reduce((sum, own) => (own === kind ? sum + 1 : sum), 0);
  const dense = readColumn(reader, count(NUMBER));
  let next = 0;
  const number = kinds.map((kind) => (kind === NUMBER ? dense[next++]! : NaN));
  if ((form & OTHERS) === 0) return { number };
  const values = readOthers(reader, count(OTHER));
  next = 0;
  const other = Array.from(kinds, (kind): OtherValue => (kind === OTHER ? values[next++] : undefined));
  return { number, other };
}
