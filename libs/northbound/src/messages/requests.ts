import { Type } from '@sinclair/typebox';
import { AGGREGATES, DURATION_PATTERN } from '@smx-edge/model';
import { count, epoch, orNull, requestId, time, word } from './fields.js';

const moment = Type.Unsafe<unknown>({
  type: ['integer', 'string'],
  description: 'ms UTC, ISO 8601, or a duration before now',
});

const window = Type.Unsafe<unknown>({
  type: ['integer', 'string'],
  minimum: 1,
  pattern: DURATION_PATTERN,
  description: 'a duration like 15m, or ms',
});

const batches = Type.Unsafe<unknown>({
  type: ['integer', 'array'],
  minimum: 1,
  items: { type: 'integer', minimum: 1 },
  minItems: 2,
  maxItems: 2,
  description: 'number of the batch, or [from, to], of which 200 come at most',
});

/** What is asked for is in the grant, or refused. */
export const REQ = Type.Union(
  [
    Type.Object({
      id: requestId,
      get: Type.Literal('history'),
      match: Type.Optional(Type.String({ description: 'topic filter on paths' })),
      from: moment,
      to: moment,
      every: Type.Optional(window),
      as: Type.Optional(word(AGGREGATES)),
    }),
    Type.Object({
      id: requestId,
      get: Type.Literal('batch'),
      stream: Type.Optional(Type.String({ description: '`inst` unless said' })),
      e: Type.Optional(epoch),
      s: batches,
    }),
    Type.Object({ id: requestId, get: Type.Literal('cat') }),
  ],
  { description: 'A request, answered on `res`' },
);

const FAULT = Type.Object(
  { code: Type.String({ pattern: '^SMX_[A-Z0-9_]+$' }), reason: Type.Optional(Type.String()) },
  { additionalProperties: true },
);

export const RES = Type.Object(
  {
    id: orNull('string', 'null where the request had no usable one'),
    n: count('number of the page, from 0'),
    last: Type.Boolean({ description: 'whether no more pages come' }),
    points: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.Array(Type.Unknown(), { minItems: 2, maxItems: 3 })), {
        description: 'history by path: [t, value, quality where not good]',
      }),
    ),
    batches: Type.Optional(
      Type.Array(Type.Unsafe<object>({ type: 'object' }), { description: 'as they came on their stream' }),
    ),
    cat: Type.Optional(Type.Unsafe<object>({ type: 'object', description: 'as on `cat`' })),
    error: Type.Optional(FAULT),
    t: Type.Optional(time('When it was answered')),
  },
  { additionalProperties: true, description: 'A page of an answer, within the grant; or why there is none' },
);
