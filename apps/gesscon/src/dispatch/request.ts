import { randomUUID } from 'node:crypto';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { DURATION_PATTERN, durationMs, SmxError, type ErrorDetail } from '@smx-edge/model';
import Ajv, { type ValidateFunction } from 'ajv';
import type { OrderAsk } from './order.js';

/** Of two workers one keeps the heartbeat; the other takes over within 20 s of its end. */
const SHORTEST_HB = 30_000;

const closed = {
  additionalProperties: false,
  expected: 'a JSON object of the members that the reference names',
} as const;
const duration = Type.String({ pattern: DURATION_PATTERN, expected: 'a duration like 10s, 15m or 1h' });
const priority = Type.Integer({ minimum: 0, maximum: 100, expected: 'a whole number from 0 to 100' });
const number = Type.Number({ expected: 'a number' });

const common = {
  id: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', expected: '1 to 64 letters, digits, dots, _ and -' }),
  ),
  point: Type.String({ minLength: 1, maxLength: 200, expected: 'the path of a set-point' }),
  hb: Type.Optional(duration),
  reason: Type.Optional(Type.String({ maxLength: 500, expected: 'a text of at most 500 letters' })),
};

const CommandBody = Type.Object(
  {
    ...common,
    value: Type.Optional(
      Type.Unsafe<unknown>({ type: ['number', 'string', 'boolean'], expected: 'a number, a text, true or false' }),
    ),
    min: Type.Optional(number),
    max: Type.Optional(number),
    for: duration,
    priority: Type.Optional(priority),
  },
  closed,
);

const ScheduleBody = Type.Object(
  {
    ...common,
    start: Type.Unsafe<number | string>({
      type: ['integer', 'string'],
      expected: 'ms UTC, or ISO 8601 with offset: the zone of the box is not known here',
    }),
    step: duration,
    unit: Type.Optional(Type.String({ minLength: 1, expected: 'a unit like W or kW' })),
    values: Type.Array(
      Type.Unsafe<number | null>({ type: ['number', 'null'], expected: 'a number, or null for none' }),
      {
        ...{ minItems: 1, maxItems: 200, expected: '1 to 200 numbers' },
      },
    ),
    priority: Type.Optional(
      Type.Unsafe<number | number[]>({
        anyOf: [priority, { type: 'array', items: priority }],
        expected: 'a whole number from 0 to 100, or one for each value',
      }),
    ),
    encoding: Type.Optional(
      Type.Unsafe<'native' | 'senml'>({ enum: ['native', 'senml'], expected: 'native or senml' }),
    ),
  },
  closed,
);

const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true }).addVocabulary([
  'expected',
]);
const isCommand = ajv.compile<Static<typeof CommandBody>>(CommandBody);
const isSchedule = ajv.compile<Static<typeof ScheduleBody>>(ScheduleBody);

function bad(...details: readonly ErrorDetail[]): SmxError {
  const text = details
    .map(({ path, expected }) => `${path === '' ? 'the body' : path}: expected ${expected}`)
    .join('; ');
  return new SmxError('SMX_HTTP_BAD_REQUEST', text, { details });
}

function checked<T>(body: unknown, fits: ValidateFunction<T>): T {
  if (fits(body)) return body;
  throw bad(
    ...(fits.errors ?? []).map(({ instancePath, parentSchema, params, message = 'another value' }) => ({
      path: [...instancePath.split('/').slice(1), ...extra(params)].join('.'),
      expected: (parentSchema as (TSchema & { expected?: string }) | undefined)?.expected ?? message,
    })),
  );
}

/** The member that is missing or unknown. */
function extra(params: Readonly<Record<string, unknown>>): string[] {
  const name = params['missingProperty'] ?? params['additionalProperty'];
  return typeof name === 'string' ? [name] : [];
}

function beat(hb: string | undefined): number | undefined {
  if (hb === undefined) return undefined;
  const ms = durationMs(hb);
  if (ms < SHORTEST_HB) throw bad({ path: 'hb', expected: 'at least 30s: another worker needs 20 s to take it over' });
  return ms;
}

/** Reads the body of a command that came at `now`, ms UTC. Throws SMX_HTTP_BAD_REQUEST. */
export function commandAsk(given: unknown, now: number): OrderAsk {
  const { id = randomUUID(), point, for: lease, ...body } = checked(given, isCommand);
  const isLimit = body.min !== undefined || body.max !== undefined;
  if (isLimit === (body.value !== undefined))
    throw bad({ path: 'value', expected: 'what to set, or instead of it min or max, which make a limit' });
  const ms = Math.floor(durationMs(lease));
  if (ms < 1) throw bad({ path: 'for', expected: 'a duration above 0' });
  return { id, kind: 'command', point, body, until: now + ms, hb: beat(body.hb) };
}

/** Reads the body of a schedule. Throws SMX_HTTP_BAD_REQUEST. */
export function scheduleAsk(given: unknown): OrderAsk {
  const { id = randomUUID(), point, start: begin, step: text, ...rest } = checked(given, isSchedule);
  const { values, encoding } = rest;
  const step = durationMs(text);
  const hasOffset = typeof begin === 'string' && /T.*(Z|[+-]\d\d:\d\d)$/.test(begin);
  const start = typeof begin === 'number' ? begin : hasOffset ? Date.parse(begin) : NaN;
  if (!Number.isSafeInteger(start)) throw bad({ path: 'start', expected: 'ms UTC, or ISO 8601 with offset' });
  if (Array.isArray(rest.priority) && rest.priority.length !== values.length)
    throw bad({ path: 'priority', expected: `${values.length} of them, one for each value` });
  const tooMuch = values.includes(null) || rest.priority !== undefined || rest.hb !== undefined;
  if (encoding === 'senml' && (tooMuch || rest.reason !== undefined))
    throw bad({ path: 'encoding', expected: 'native: SenML has no null, priority, hb or reason' });
  return {
    ...{ id, kind: 'schedule', point },
    body: { ...rest, start, step },
    until: start + step * values.length,
    hb: beat(rest.hb),
  };
}
