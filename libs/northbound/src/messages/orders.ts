import { Type } from '@sinclair/typebox';
import { duration, orNull, requestId, time, word } from './fields.js';

const point = Type.String({ description: 'path of a set-point' });
const wanted = Type.Unsafe<unknown>({ type: ['number', 'string', 'boolean'] });
const priority = Type.Integer({ minimum: 0, maximum: 100, description: 'the higher wins; may only lower the grant' });

const command = {
  id: requestId,
  t: time('When it was issued; more than 60 s off is refused'),
  point,
  value: Type.Optional(wanted),
  min: Type.Optional(
    Type.Number({ description: 'a limit instead of a value: nobody below this authority goes lower' }),
  ),
  max: Type.Optional(Type.Number({ description: 'the same, no higher' })),
  priority: Type.Optional(priority),
  hb: Type.Optional(duration),
  reason: Type.Optional(Type.String()),
};

/** Every command has a lease: how long, or until when. */
export const CMD = Type.Union(
  [
    Type.Object({ ...command, for: duration }),
    Type.Object({ ...command, until: time('End of the lease') }),
    Type.Object({ id: requestId, cancel: Type.Literal(true) }),
  ],
  { description: 'A command to a set-point, or the end of one. Never retained' },
);

const STAGES = ['received', 'accepted', 'applied'];
const OUTCOMES = ['refused', 'expired', 'verified', 'clamped', 'ignored', 'unverified'];
const ENDS = ['ended', 'superseded', 'cancelled'];

export const RSP = Type.Object(
  {
    id: orNull('string', 'null where the order had no usable one'),
    state: word([...STAGES, ...OUTCOMES, ...ENDS]),
    value: Type.Optional(Type.Unsafe<unknown>({ type: ['number', 'string', 'boolean', 'null'] })),
    measured: Type.Optional(Type.Unsafe<unknown>({ type: ['number', 'string', 'boolean', 'null'] })),
    code: Type.Optional(Type.String({ pattern: '^SMX_[A-Z0-9_]+$' })),
    reason: Type.Optional(Type.String()),
    slot: Type.Optional(Type.Integer({ description: 'of a schedule: number of its value, from 0' })),
    t: time('When this stage was reached'),
  },
  { description: 'One at each stage of a command or schedule' },
);

/** A record of a SenML pack (RFC 8428 §4), as far as schedules use it. */
const SENML = Type.Object(
  {
    bn: Type.Optional(Type.String()),
    bt: Type.Optional(Type.Number({ description: 's UTC' })),
    bu: Type.Optional(Type.String()),
    n: Type.Optional(Type.String()),
    t: Type.Optional(Type.Number({ description: 's' })),
    u: Type.Optional(Type.String()),
    v: Type.Optional(Type.Number()),
  },
  { additionalProperties: true },
);

export const SCHEDULE = Type.Union(
  [
    Type.Object({
      id: requestId,
      t: time('When it was issued'),
      point,
      start: Type.Unsafe<unknown>({
        type: ['integer', 'string'],
        description:
          'begin of the first step: ms UTC, ISO 8601 (without offset in the zone of the site), today or tomorrow',
      }),
      step: duration,
      unit: Type.Optional(Type.String({ description: 'UCUM' })),
      values: Type.Array(Type.Unsafe<unknown>({ type: ['number', 'null'] }), { minItems: 1, maxItems: 200 }),
      priority: Type.Optional(
        Type.Unsafe<unknown>({ anyOf: [priority, { type: 'array', items: priority, maxItems: 200 }] }),
      ),
      hb: Type.Optional(duration),
      reason: Type.Optional(Type.String()),
    }),
    Type.Object({ id: requestId, cancel: Type.Literal(true) }),
    Type.Array(SENML, { minItems: 1, description: 'a SenML pack whose name is the set-point; told under its `bn`' }),
  ],
  { description: 'Set-points in advance, answered on `rsp`' },
);

export const HB = Type.Object(
  { t: Type.Optional(time('When it was sent')) },
  { description: 'Heartbeat of the controller; two missed end the lease of a command with `hb`' },
);
