import { Type } from '@sinclair/typebox';
import { orNull, time, word } from './fields.js';

/** A device as `cat` and `GET /api/v1/devices` give it. */
export const DEVICE = Type.Object({
  name: Type.String(),
  instance: Type.String(),
  kind: Type.String(),
  online: Type.Boolean(),
  reason: Type.Optional(Type.String()),
  since: time('When `online` last changed'),
  manufacturer: Type.Optional(Type.String()),
  model: Type.Optional(Type.String()),
  serial: Type.Optional(Type.String()),
});

/** An event as `GET /api/v1/events` gives it. */
export const EVENT = Type.Object({
  id: Type.Integer(),
  t: time('When it happened'),
  path: Type.String({ description: 'device or point' }),
  code: Type.String(),
  severity: word(['info', 'warning', 'alarm', 'critical']),
  state: word(['raised', 'cleared', 'once']),
  text: Type.String(),
  data: Type.Optional(Type.Unsafe<unknown>({})),
  files: Type.Array(Type.String({ description: 'names, of files that were deleted since too' })),
});

/** A load profile as `cat` and `GET /api/v1/profiles` name it. */
export const PROFILE = Type.Object({
  device: Type.String(),
  id: Type.String(),
  period: Type.String({ description: 'a duration like 15m, `month`, or 0 where rows come when something happens' }),
  columns: Type.Array(
    Type.Object({
      obis: Type.String(),
      unit: orNull('string', 'UCUM unit in which the values stand'),
      scaler: Type.Optional(Type.Integer({ description: "power of ten of the meter's last digit; already applied" })),
    }),
  ),
});

/** Rows of a load profile with what proves them, as `t/profile` and `GET /api/v1/profiles/{device}/{id}` give them. */
export const PROFILE_RUN = Type.Object({
  ...PROFILE.properties,
  rows: Type.Array(
    Type.Unsafe<unknown>({
      type: 'array',
      prefixItems: [time('End of the interval'), Type.Integer({ description: 'status word of the meter' })],
      items: { type: ['string', 'null'], pattern: '^-?[0-9]+(\\.[0-9]+)?$' },
      minItems: 3,
      description: '[interval end (ms UTC), status word of the meter, then a decimal string or null per column]',
    }),
  ),
  hash: orNull(
    'string',
    'SHA-256 of the last row and the hash before it, hex; null where the rows given do not follow one another in the chain',
  ),
  prev: orNull('string', 'hash before the first row'),
  sig: orNull('string', 'Ed25519 by the key of the box over `smx-edge row HASH`, base64'),
  key: Type.Optional(Type.String({ description: 'name of the key' })),
  first: Type.Optional(Type.Integer({ description: 'place of the first row in the chain' })),
  sources: Type.Optional(
    Type.Array(
      Type.Unsafe<unknown>({
        type: 'array',
        description: '[number of rows, SHA-256 (hex) of the bytes they were read from, or null]',
      }),
    ),
  ),
});
