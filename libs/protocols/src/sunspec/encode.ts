import { SmxError } from '@smx-edge/model';
import { isExponent, NOT_IMPLEMENTED, scaled, signed, type Registers } from './field.js';
import type { ModelPlace } from './model.js';
import { HEAD_REGISTERS, type FieldDefinition, type ModelDefinition } from './models/definition.js';
import { modelOf } from './models/index.js';

/** Registers for one write, with what they mean: the value asked for, rounded to what the scale factor can say. */
export interface RegisterWrite {
  readonly address: number;
  readonly words: readonly number[];
  readonly values: Readonly<Record<string, number>>;
}

/** Values of a model in its units; null is written as not implemented. Scale factors are fields like others. */
export type ModelValues = Readonly<Record<string, number | string | null>>;

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int16: [-0x7fff, 0x7fff],
  sunssf: [-10, 10],
  uint16: [0, 0xfffe],
  count: [0, 0xfffe],
  enum16: [0, 0xfffe],
  bitfield16: [0, 0xfffe],
  uint32: [0, 0xfffffffe],
  bitfield32: [0, 0xfffffffe],
  acc32: [0, 0xffffffff],
  acc64: [0, Number.MAX_SAFE_INTEGER],
};
const view = new DataView(new ArrayBuffer(8));

const refuse = (what: string): SmxError => new SmxError('SMX_PROTOCOL_ENCODE', what);

/**
 * Registers that put `values` into a model, in one write: the fields must follow each other, and be writable. `words` is a fresh
 * read of the model, which the scale factors are taken from. Throws SMX_PROTOCOL_ENCODE.
 */
export function encodeWrite(
  place: ModelPlace,
  words: Registers,
  values: Readonly<Record<string, number>>,
): RegisterWrite {
  const definition = modelOf(place.id);
  const fields = (definition?.fields ?? []).filter(({ name }) => name in values);
  const unknown = Object.keys(values).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined || fields.length === 0)
    throw refuse(`model ${place.id} has no field ${unknown ?? 'named'}`);
  if (words[0] !== place.id || words[1] !== place.length)
    throw refuse(`registers at ${place.address} are not those of model ${place.id}: walk the chain again`);
  const written: number[] = [];
  const rounded: Record<string, number> = {};
  let at = fields[0]!.offset;
  for (const field of fields) {
    if (!field.writable) throw refuse(`${field.name} of model ${place.id} cannot be written`);
    if (field.offset !== at) throw refuse(`${field.name} of model ${place.id} does not stand beside the one before it`);
    const exponent = exponentOf(field, words);
    const encoded = encodeNumber(field, values[field.name]!, exponent);
    rounded[field.name] = encoded.value;
    written.push(...encoded.words);
    at += field.registers;
  }
  if (at > Math.min(words.length, HEAD_REGISTERS + place.length))
    throw refuse(`the device's model ${place.id} is too short for ${fields.at(-1)!.name}`);
  return { address: place.address + fields[0]!.offset, words: written, values: rounded };
}

function exponentOf(field: FieldDefinition, words: Registers): number {
  if (field.scaleOffset === undefined) return 0;
  const word = words[field.scaleOffset];
  // a number whose factor is not known is read as uncertain; it is not written
  if (word === undefined || word === NOT_IMPLEMENTED.sunssf || !isExponent(signed(word)))
    throw refuse(`the device gives no scale factor for ${field.name}`);
  return signed(word);
}

/**
 * A whole model as a device would have it, id and length first: fields that `values` leaves out are not implemented. Throws
 * SMX_PROTOCOL_ENCODE.
 */
export function encodeModel(
  definition: ModelDefinition,
  values: ModelValues,
  blocks: readonly ModelValues[] = [],
): number[] {
  const { block } = definition;
  if (blocks.length > 0 && block === undefined) throw refuse(`model ${definition.id} repeats nothing`);
  const length = definition.length + blocks.length * (block?.registers ?? 0);
  const encoded = (fields: readonly FieldDefinition[], from: ModelValues): number[] =>
    fields.flatMap((field) => {
      const value = from[field.name] ?? null;
      if (value === null) return absentWords(field);
      if (field.type === 'string') return textWords(field, String(value));
      if (typeof value !== 'number') throw refuse(`${field.name} is a number`);
      const scale = field.scale === undefined ? 0 : values[field.scale];
      return encodeNumber(field, value, typeof scale === 'number' ? scale : 0).words;
    });
  const words = [definition.id, length, ...encoded(definition.fields, values)];
  for (const each of blocks) words.push(...encoded(block!.fields, each));
  return words;
}

function encodeNumber(field: FieldDefinition, value: number, exponent: number): { words: number[]; value: number } {
  if (!Number.isFinite(value)) throw refuse(`${field.name} cannot be ${value}`);
  if (field.type === 'float32') {
    view.setFloat32(0, value);
    const rounded = view.getFloat32(0);
    if (!Number.isFinite(rounded)) throw refuse(`${value} does not fit ${field.name}`);
    return { words: [view.getUint16(0), view.getUint16(2)], value: rounded };
  }
  const raw = Math.round(scaled(value, -exponent));
  const [least, most] = RANGES[field.type] ?? [0, -1];
  if (raw < least || raw > most)
    throw refuse(
      `${value} does not fit ${field.name}: expected ${scaled(least, exponent)} to ${scaled(most, exponent)}`,
    );
  view.setBigInt64(0, BigInt(raw));
  const words = [0, 2, 4, 6].slice(4 - field.registers).map((at) => view.getUint16(at));
  return { words, value: scaled(raw, exponent) + 0 };
}

function textWords(field: FieldDefinition, value: string): number[] {
  const bytes = Buffer.alloc(2 * field.registers);
  if (Buffer.byteLength(value) > bytes.length) throw refuse(`"${value}" is too long for ${field.name}`);
  bytes.write(value);
  return Array.from({ length: field.registers }, (_, i) => bytes.readUInt16BE(2 * i));
}

function absentWords(field: FieldDefinition): number[] {
  if (field.type === 'float32') return [0x7fc0, 0];
  const word = NOT_IMPLEMENTED[field.type] ?? (field.type === 'uint32' || field.type === 'bitfield32' ? 0xffff : 0);
  return new Array<number>(field.registers).fill(word);
}
