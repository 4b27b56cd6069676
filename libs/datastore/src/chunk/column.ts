import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteWriter } from './byte-writer.js';
import type { ByteReader } from '../journal/byte-reader.js';
import { constantInteger, LARGEST_INTEGER, readIntegers, writeIntegers, type Order } from './integer-runs.js';

/**
 * A column of numbers, every double given back to the bit (a NaN as a NaN): a byte of form, the length as varint, the
 * bytes. The form is the order of the integer runs (bits 0-1; 3 = doubles), the power of ten they were multiplied by
 * (bits 2-4), and whether deflate made them shorter (bit 5). Doubles stand byte plane by byte plane, each byte as what
 * differs from the one before (XOR).
 */
const DOUBLES = 3;
const SCALE_SHIFT = 2;
const DEFLATED = 0x20;
const LARGEST_SCALE = 6;
/** What deflate saves on less is not worth its time. */
const WORTH_DEFLATING = 48;

const POWERS = [1, 10, 100, 1000, 1e4, 1e5, 1e6] as const;

/** The least power of ten that makes all of `values` whole, exactly; undefined where none does. */
function scaleOf(values: Float64Array): number | undefined {
  let scale = 0;
  let largest = 0;
  for (const value of values) {
    if (!(Math.abs(value) < LARGEST_INTEGER) || (value === 0 && Object.is(value, -0))) return undefined;
    if (value === Math.floor(value)) {
      largest = Math.max(largest, Math.abs(value));
      continue;
    }
    while (scale <= LARGEST_SCALE && Math.round(value * POWERS[scale]!) / POWERS[scale]! !== value) scale++;
    if (scale > LARGEST_SCALE) return undefined;
    largest = Math.max(largest, Math.abs(value));
  }
  if (largest * POWERS[scale]! >= LARGEST_INTEGER) return undefined;
  return scale;
}

/** Values times a power of ten, or undefined where one of them would not come back exactly. */
function scaled(values: Float64Array, scale: number): Float64Array | undefined {
  if (scale === 0) return values;
  const power = POWERS[scale]!;
  const whole = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    whole[i] = Math.round(values[i]! * power);
    if (whole[i]! / power !== values[i]) return undefined;
  }
  return whole;
}

function planes(values: Float64Array): Buffer {
  const n = values.length;
  const out = Buffer.alloc(n * 8);
  const view = new DataView(values.buffer, values.byteOffset, n * 8);
  for (let plane = 0; plane < 8; plane++) {
    let before = 0;
    for (let i = 0; i < n; i++) {
      const byte = view.getUint8(i * 8 + plane);
      out[plane * n + i] = byte ^ before;
      before = byte;
    }
  }
  return out;
}

function fromPlanes(bytes: Buffer, n: number, into: Float64Array): void {
  const target = new Uint8Array(into.buffer, into.byteOffset, n * 8);
  for (let plane = 0; plane < 8; plane++) {
    let byte = 0;
    for (let i = 0; i < n; i++) target[i * 8 + plane] = byte ^= bytes[plane * n + i]!;
  }
}

/** Appends a column; with `deflate: false` it is read faster and takes more bytes. */
export function writeColumn(values: Float64Array, into: ByteWriter, { deflate } = { deflate: true }): void {
  const scale = scaleOf(values);
  const whole = scale === undefined ? undefined : scaled(values, scale);
  let form: number;
  let bytes: Buffer;
  if (whole === undefined) {
    form = DOUBLES;
    bytes = planes(values);
  } else {
    const writer = new ByteWriter();
    form = writeIntegers(whole, writer) | (scale! << SCALE_SHIFT);
    bytes = writer.taken();
  }
  if (deflate && bytes.length >= WORTH_DEFLATING) {
    const deflated = deflateRawSync(bytes);
    if (deflated.length < bytes.length) {
      form |= DEFLATED;
      bytes = deflated;
    }
  }
  into.byte(form);
  into.varint(bytes.length);
  into.append(bytes);
}

/** Reads a column of `n` numbers, to the head of `into` where one is given. */
export function readColumn(reader: ByteReader, n: number, into: Float64Array = new Float64Array(n)): Float64Array {
  const form = reader.byte();
  let bytes = reader.take(reader.varint());
  if ((form & DEFLATED) !== 0) bytes = inflateRawSync(bytes);
  const order = form & 3;
  if (order === DOUBLES) {
    fromPlanes(bytes, n, into);
    return into;
  }
  readIntegers(bytes, { order: order as Order, n }, into);
  const power = POWERS[(form >> SCALE_SHIFT) & 7]!;
  if (power !== 1) for (let i = 0; i < n; i++) into[i]! /= power;
  return into;
}

/** The whole number that a column of `n` holds throughout; undefined, and nothing is read, where it is another column. */
export function readConstant(reader: ByteReader, n: number): number | undefined {
  const { offset } = reader;
  const form = reader.byte();
  const bytes = reader.take(reader.varint());
  // bits above the order are of what has a scale or was worth deflating
  const value = form === 1 ? constantInteger(bytes, n) : undefined;
  if (value === undefined) reader.offset = offset;
  return value;
}

export function skipColumn(reader: ByteReader): void {
  reader.byte();
  reader.take(reader.varint());
}
