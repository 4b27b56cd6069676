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
