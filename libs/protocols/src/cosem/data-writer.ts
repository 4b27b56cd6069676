import { SmxError } from '@smx-edge/model';
import { ByteWriter } from './byte-writer.js';
import { FIXED, TAGS, type Data } from './data.js';

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  'double-long': [-0x80000000, 0x7fffffff],
  'double-long-unsigned': [0, 0xffffffff],
  integer: [-0x80, 0x7f],
  bcd: [-0x80, 0x7f],
  long: [-0x8000, 0x7fff],
  unsigned: [0, 0xff],
  enum: [0, 0xff],
  'long-unsigned': [0, 0xffff],
};

function refuse(what: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', what);
}

/** One value with its tag (A-XDR). Throws SMX_PROTOCOL_ENCODE for a value that its type cannot hold. */
export function writeData(writer: ByteWriter, data: Data): void {
  writer.u8(TAGS[data.type]);
  switch (data.type) {
    case 'array':
    case 'structure':
      writer.length(data.value.length);
      for (const part of data.value) writeData(writer, part);
      return;
    case 'compact-array':
      writeCompact(writer, data.value);
      return;
    default:
      writePlain(writer, data);
  }
}

function writePlain(
  writer: ByteWriter,
  data: Exclude<Data, { type: 'array' | 'structure' } | { type: 'compact-array' }>,
): void {
  switch (data.type) {
    case 'null-data':
    case 'dont-care':
      return;
    case 'boolean':
      writer.u8(data.value ? 0xff : 0);
      return;
    case 'bit-string':
      if (data.value.length !== Math.ceil(data.bits / 8)) refuse(`${data.bits} bits in ${data.value.length} bytes`);
      writer.length(data.bits).octets(data.value);
      return;
    case 'long64':
    case 'long64-unsigned': {
      const { type, value } = data;
      const same = type === 'long64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      if (same !== value) refuse(`${value} does not fit ${type}`);
      writer.u64(value);
      return;
    }
    case 'octet-string':
      writer.counted(data.value);
      return;
    case 'date-time':
    case 'date':
    case 'time':
      if (data.value.length !== FIXED[data.type]) refuse(`a ${data.type} of ${data.value.length} bytes`);
      writer.octets(data.value);
      return;
    case 'visible-string':
      writer.counted(Buffer.from(data.value, 'latin1'));
      return;
    case 'utf8-string':
      writer.counted(Buffer.from(data.value, 'utf8'));
      return;
    case 'floating-point':
    case 'float32':
      writer.f32(data.value);
      return;
    case 'float64':
      writer.f64(data.value);
      return;
    default:
      writeInteger(writer, data.type, data.value);
  }
}

function writeInteger(writer: ByteWriter, type: string, value: number): void {
  const [least, most] = RANGES[type]!;
  if (!Number.isInteger(value) || value < least || value > most) refuse(`${value} does not fit ${type}`);
  if (most > 0xffff) writer.u32(value >>> 0);
  else if (most > 0xff) writer.u16(value & 0xffff);
  else writer.u8(value & 0xff);
}

/** The description is that of the first element, which all others have to follow. */
function writeCompact(writer: ByteWriter, elements: readonly Data[]): void {
  const [first] = elements;
  if (first === undefined) refuse('an empty compact array has no description');
  writeShape(writer, first);
  const contents = new ByteWriter();
  for (const element of elements) writeShaped(contents, { element, like: first });
  writer.counted(contents.done());
}

function writeShape(writer: ByteWriter, data: Data): void {
  writer.u8(TAGS[data.type]);
  if (data.type === 'array') {
    const [first] = data.value;
    if (first === undefined) refuse('an empty array within a compact array has no description');
    writer.u16(data.value.length);
    writeShape(writer, first);
  } else if (data.type === 'structure') {
    writer.length(data.value.length);
    for (const part of data.value) writeShape(writer, part);
  } else if (data.type === 'compact-array') refuse('a compact array within a compact array');
}

function writeShaped(writer: ByteWriter, { element, like }: { element: Data; like: Data }): void {
  if (element.type !== like.type) refuse(`a ${element.type} among elements of ${like.type}`);
  switch (element.type) {
    case 'compact-array':
      return refuse('a compact array within a compact array');
    case 'array':
    case 'structure': {
      const { value: pattern } = like as { value: readonly Data[] };
      if (element.value.length !== pattern.length) refuse('elements of a compact array differ in length');
      element.value.forEach((part, i) =>
        writeShaped(writer, { element: part, like: pattern[element.type === 'array' ? 0 : i]! }),
      );
      return;
    }
    default:
      writePlain(writer, element);
  }
}
