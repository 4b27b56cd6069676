import { malformed, type ByteReader } from './byte-reader.js';
import { FIXED, TYPES, type Data, type DataType } from './data.js';

/** Deeper nesting than any object has. */
const DEEPEST = 16;
const UTF8 = new TextDecoder('utf-8', { fatal: true });
const NULL: Data = { type: 'null-data' };
const DONT_CARE: Data = { type: 'dont-care' };

/** One value (A-XDR). Throws SMX_PROTOCOL_APDU. */
export function readData(reader: ByteReader, depth = 0): Data {
  const tag = reader.u8();
  const type = TYPES.get(tag) ?? malformed(`the tag ${tag} is of no type`);
  if (type === 'array' || type === 'structure') {
    if (depth >= DEEPEST) malformed('it is nested too deeply');
    const count = reader.length();
    // each element has a tag at least
    if (count > reader.left) malformed(`${count} elements in ${reader.left} bytes`);
    // of its size from the start: rows of profiles come by the thousand
    const value = new Array<Data>(count);
    for (let i = 0; i < count; i++) value[i] = readData(reader, depth + 1);
    return { type, value };
  }
  return type === 'compact-array' ? readCompact(reader, depth) : readPlain(reader, type);
}

/** A value without its tag. */
function readPlain(reader: ByteReader, type: Exclude<DataType, 'array' | 'structure' | 'compact-array'>): Data {
  switch (type) {
    case 'null-data':
      return NULL;
    case 'dont-care':
      return DONT_CARE;
    case 'boolean':
      return { type, value: reader.u8() !== 0 };
    case 'bit-string': {
      const bits = reader.length();
      return { type, bits, value: reader.octets(Math.ceil(bits / 8)) };
    }
    case 'double-long':
      return { type, value: reader.i32() };
    case 'double-long-unsigned':
      return { type, value: reader.u32() };
    case 'integer':
    case 'bcd':
      return { type, value: reader.i8() };
    case 'long':
      return { type, value: reader.i16() };
    case 'unsigned':
    case 'enum':
      return { type, value: reader.u8() };
    case 'long-unsigned':
      return { type, value: reader.u16() };
    case 'long64':
      return { type, value: reader.i64() };
    case 'long64-unsigned':
      return { type, value: reader.u64() };
    case 'floating-point':
    case 'float32':
      return { type, value: reader.f32() };
    case 'float64':
      return { type, value: reader.f64() };
    case 'octet-string':
      return { type, value: reader.octets(reader.length()) };
    case 'date-time':
    case 'date':
    case 'time':
      return { type, value: reader.octets(FIXED[type]) };
    case 'visible-string':
      return { type, value: Buffer.from(reader.octets(reader.length())).toString('latin1') };
    case 'utf8-string':
      return { type, value: utf8(reader.octets(reader.length())) };
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // the only fault of a fatal decoder
    return malformed('a text is no UTF-8');
  }
}

/** What the elements of a compact array are (Green Book §9.5, `TypeDescription`). */
type Shape =
  | { readonly type: 'array'; readonly count: number; readonly of: Shape }
  | { readonly type: 'structure'; readonly of: readonly Shape[] }
  | { readonly type: Exclude<DataType, 'array' | 'structure' | 'compact-array'> };

function readShape(reader: ByteReader, depth: number): Shape {
  if (depth >= DEEPEST) malformed('it is nested too deeply');
  const tag = reader.u8();
  const type = TYPES.get(tag) ?? malformed(`the tag ${tag} is of no type`);
  if (type === 'compact-array') malformed('a compact array within the description of one');
  if (type === 'array') {
    const count = reader.u16();
    return { type, count, of: readShape(reader, depth + 1) };
  }
  if (type !== 'structure') return { type };
  const count = reader.length();
  if (count > reader.left) malformed(`${count} elements in ${reader.left} bytes`);
  return { type, of: Array.from({ length: count }, () => readShape(reader, depth + 1)) };
}

function readCompact(reader: ByteReader, depth: number): Data {
  const shape = readShape(reader, depth + 1);
  const contents = reader.length();
  const end = reader.left - contents;
  if (end < 0) malformed('it ends too early');
  const value: Data[] = [];
  while (reader.left > end) {
    const before = reader.left;
    value.push(readShaped(reader, shape));
    if (reader.left === before) malformed('elements of a compact array that take no bytes');
  }
  if (reader.left !== end) malformed('the last element of a compact array is cut');
  return { type: 'compact-array', value };
}

function readShaped(reader: ByteReader, shape: Shape): Data {
  switch (shape.type) {
    case 'array': {
      const value: Data[] = [];
      for (let i = 0; i < shape.count; i++) {
        const before = reader.left;
        value.push(readShaped(reader, shape.of));
        if (reader.left === before) malformed('elements of a compact array that take no bytes');
      }
      return { type: 'array', value };
    }
    case 'structure':
      return { type: 'structure', value: shape.of.map((part) => readShaped(reader, part)) };
    default:
      return readPlain(reader, shape.type);
  }
}
