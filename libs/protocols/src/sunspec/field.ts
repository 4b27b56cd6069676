import type { FieldDefinition, FieldType } from './models/definition.js';

/**
 * Why a field has no value:
 * - `not-implemented`: it holds the pattern that its type has for this
 * - `not-accumulated`: a counter that stands at 0, which is how a device says that it does not count
 * - `scale`: its scale factor is outside of -10 to 10, so that its number means nothing
 * - `hole`: the device does not let its registers be read
 */
export type Absence = 'not-implemented' | 'not-accumulated' | 'scale' | 'hole';

/** `uncertain`: the device gives no scale factor for a real number, which is then taken as it stands. */
export type FieldValue =
  { readonly value: number | string; readonly uncertain?: true } | { readonly value: null; readonly reason: Absence };

/** Registers, each 0 to 65535. */
export type Registers = ArrayLike<number>;

export const absent = (reason: Absence): FieldValue => ({ value: null, reason });

/** The word that a 16-bit type has for "not implemented". */
export const NOT_IMPLEMENTED: Readonly<Partial<Record<FieldType, number>>> = {
  int16: 0x8000,
  sunssf: 0x8000,
  uint16: 0xffff,
  count: 0xffff,
  enum16: 0xffff,
  bitfield16: 0xffff,
  pad: 0x8000,
};

const MOST_EXPONENT = 10;
const view = new DataView(new ArrayBuffer(4));

export const signed = (word: number): number => (word << 16) >> 16;
export const isExponent = (n: number): boolean => Math.abs(n) <= MOST_EXPONENT;

/** `raw` times ten to the `exponent` in one correctly rounded operation: 2439 by -1 is 243.9 and not its neighbour. */
export const scaled = (raw: number, exponent: number): number =>
  exponent < 0 ? raw / 10 ** -exponent : raw * 10 ** exponent;

/** A field whose first register is `words[at]`, in the registers of its whole model. */
export function decodeField(field: FieldDefinition, words: Registers, at: number): FieldValue {
  if (at + field.registers > words.length) return absent('hole');
  if (field.type === 'string') return text(words, at, field.registers);
  const raw = rawNumber(field.type, words, at);
  if (typeof raw !== 'number') return raw;
  if (field.scaleOffset === undefined) return { value: raw };
  if (field.scaleOffset >= words.length) return absent('hole');
  const exponent = words[field.scaleOffset]!;
  if (exponent === NOT_IMPLEMENTED.sunssf) return { value: raw, uncertain: true };
  return isExponent(signed(exponent)) ? { value: scaled(raw, signed(exponent)) } : absent('scale');
}

function rawNumber(type: Exclude<FieldType, 'string'>, words: Registers, at: number): number | FieldValue {
  const high = words[at]!;
  switch (type) {
    case 'int16':
    case 'sunssf':
      return high === NOT_IMPLEMENTED[type] ? absent('not-implemented') : signed(high);
    case 'uint16':
    case 'count':
    case 'enum16':
    case 'bitfield16':
    case 'pad':
      return high === NOT_IMPLEMENTED[type] ? absent('not-implemented') : high;
    case 'acc64':
      return counter(long(words, at) * 2 ** 32 + long(words, at + 2));
    case 'acc32':
      return counter(long(words, at));
    case 'uint32':
    case 'bitfield32':
      return long(words, at) === 0xffffffff ? absent('not-implemented') : long(words, at);
    case 'float32': {
      view.setUint32(0, long(words, at));
      const value = view.getFloat32(0);
      return Number.isFinite(value) ? value + 0 : absent('not-implemented');
    }
  }
}

const long = (words: Registers, at: number): number => words[at]! * 0x10000 + words[at + 1]!;
const counter = (value: number): number | FieldValue => (value === 0 ? absent('not-accumulated') : value);

/** UTF-8 up to the first NUL; blanks stay, since they are the device's. */
function text(words: Registers, at: number, registers: number): FieldValue {
  const bytes = Buffer.alloc(2 * registers);
  for (let i = 0; i < registers; i++) bytes.writeUInt16BE(words[at + i]!, 2 * i);
  const end = bytes.indexOf(0);
  const value = bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  return value === '' ? absent('not-implemented') : { value };
}
