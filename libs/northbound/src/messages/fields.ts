import { Type, type TSchema } from '@sinclair/typebox';
import { DURATION_PATTERN, QUALITIES } from '@smx-edge/model';

/** One of a list of words. */
export const word = (words: readonly string[], description?: string): TSchema =>
  Type.Unsafe<string>({ type: 'string', enum: [...words], ...(description === undefined ? {} : { description }) });

export const orNull = (type: string, description?: string): TSchema =>
  Type.Unsafe<unknown>({ type: [type, 'null'], ...(description === undefined ? {} : { description }) });

export const time = (description: string): TSchema => Type.Integer({ description: `${description}, ms UTC` });

export const count = (description: string): TSchema => Type.Integer({ minimum: 0, description });

export const quality = word(QUALITIES);

/** What a point may hold. */
export const value = Type.Unsafe<unknown>({
  type: ['number', 'string', 'boolean', 'array', 'null'],
  items: { type: 'number' },
  description: 'null where there is none; `time` points are ms UTC',
});

/** An array of exactly these, as JSON Schema 2020-12 writes it. */
export const tuple = (items: readonly TSchema[], description?: string): TSchema =>
  Type.Unsafe<unknown>({
    type: 'array',
    prefixItems: items,
    items: false,
    minItems: items.length,
    ...(description === undefined ? {} : { description }),
  });

export const version = Type.Literal(1, { description: 'version of the form' });
export const epoch = Type.Integer({ description: 'changes only when the store was lost or restored' });
export const seq = count('number of the batch within its epoch and stream');
/** An id that a party chooses for its request. */
export const requestId = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'chosen by who asks; unique for 7 days',
});
export const duration = Type.String({ pattern: DURATION_PATTERN, description: 'like 500ms, 10s, 15m, 1h' });
export const unit = orNull('string', 'UCUM');
