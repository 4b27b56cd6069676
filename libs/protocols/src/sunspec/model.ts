import { absent, decodeField, type FieldValue, type Registers } from './field.js';
import { HEAD_REGISTERS, type FieldDefinition } from './models/definition.js';
import { modelOf } from './models/index.js';

/** Where a device has a model. */
export interface ModelPlace {
  readonly id: number;
  /** Of its id register, counted from 0. */
  readonly address: number;
  /** As the device says it: registers behind id and length. */
  readonly length: number;
  /** Registers from the id on that it lets be read, where it stops within the model. */
  readonly readable?: number;
}

export type Fields = Readonly<Record<string, FieldValue>>;

/** What a model says. Fields that the device's length leaves no room for are not in it. */
export interface Decoded {
  readonly id: number;
  readonly fields: Fields;
  /** One for each repeated block. */
  readonly blocks: readonly Fields[];
  /** Every register behind the head is the same: so fills its models who has nothing to say, and fields that look like values are none. */
  readonly isBlank?: true;
}

/**
 * Why registers give no values at all: they are of another model or length than was found at this place (`moved`: the chain
 * is to be walked again), they are fewer than they must be, or nobody here knows the model.
 */
export interface ModelFault {
  readonly fault: 'moved' | 'short' | 'unknown';
}

/**
 * Values of one model from one read of it, which begins with its id register: scale factors move from read to read, and count
 * for the registers they came with only.
 */
export function decodeModel(place: ModelPlace, words: Registers): Decoded | ModelFault {
  const definition = modelOf(place.id);
  if (definition === undefined) return { fault: 'unknown' };
  const whole = HEAD_REGISTERS + place.length;
  if (words.length < Math.min(whole, place.readable ?? whole) || words.length < HEAD_REGISTERS)
    return { fault: 'short' };
  if (words[0] !== place.id || words[1] !== place.length) return { fault: 'moved' };
  const decoded = (fields: readonly FieldDefinition[], first: number): Fields => {
    const values: Record<string, FieldValue> = {};
    for (const field of fields) {
      const at = first + field.offset;
      if (field.type === 'pad' || at + field.registers > whole) continue;
      // a factor that the model is too short for is none: the number alone means nothing
      values[field.name] = (field.scaleOffset ?? 0) < whole ? decodeField(field, words, at) : absent('scale');
    }
    return values;
  };
  const { block } = definition;
  const count = block === undefined ? 0 : Math.floor((place.length - definition.length) / block.registers);
  return {
    id: place.id,
    fields: decoded(definition.fields, 0),
    blocks: Array.from({ length: Math.max(0, count) }, (_, i) =>
      decoded(block!.fields, HEAD_REGISTERS + definition.length + i * block!.registers),
    ),
    ...(isBlank(words) && { isBlank: true }),
  };
}

function isBlank(words: Registers): boolean {
  for (let i = HEAD_REGISTERS + 1; i < words.length; i++) if (words[i] !== words[HEAD_REGISTERS]) return false;
  return words.length > HEAD_REGISTERS + 1;
}
