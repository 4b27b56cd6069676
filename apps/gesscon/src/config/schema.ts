import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { DURATION_PATTERN } from '@smx-edge/model';

const text = (expected: string, description: string): TSchema & { static: string } =>
  Type.String({ minLength: 1, expected, description });

const duration = (description: string, byDefault?: string): TSchema & { static: string } =>
  Type.String({
    pattern: DURATION_PATTERN,
    expected: 'a duration like 500ms, 10s, 15m, 1h, 31d or 10y',
    description,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });

const closed = { additionalProperties: false, expected: 'a mapping' } as const;

const SECRET = 'a secret, as ${ENV} or file:PATH';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The one schema of gesscon.yaml. `expected` is the text of an error at this place. */
export const ConfigSchema = Type.Object(
  {
    party: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,30}$',
      expected: 'lower case letters, digits and -, at most 31 characters',
      description: 'the party it is: the segment after the site in `smx/1/{site}/{party}`',
    }),
    broker: Type.Object(
      {
        url: Type.String({
          pattern: '^(mqtts?|wss?)://.+',
          expected: 'an address like mqtts://host:8883',
          description: "the broker that the boxes' links use",
        }),
        version: Type.Optional(
          Type.Unsafe<5 | 4>({
            enum: [5, 4],
            expected: '5, or 4 for MQTT 3.1.1',
            description: 'with 4 there are no shared subscriptions: one worker only',
            default: 5,
          }),
        ),
        share: Type.Optional(
          Type.String({
            pattern: '^[A-Za-z0-9_-]+$',
            expected: 'letters, digits, - and _',
            description: 'name of the group of workers among which the broker shares batches',
            default: 'gesscon',
          }),
        ),
        user: Type.Optional(text('a text', 'login at the broker')),
        password: Type.Optional(text(SECRET, SECRET)),
        ca: Type.Optional(text('a file path', 'PEM file of the CA that alone is trusted')),
        cert: Type.Optional(text('a file path', 'PEM file of the own certificate')),
        key: Type.Optional(text('a file path', 'PEM file of its private key')),
      },
      closed,
    ),
    database: text(
      'postgres://user:password@host/name, or sqlite:FILE for a single pilot',
      'where it keeps what it takes: postgres://… or sqlite:FILE',
    ),
    silence: Type.Optional(
      duration('time without a batch after which a box is alarmed; must exceed `batch:` of the links', '45s'),
    ),
    keep: Type.Optional(duration('how long values are kept; for ever where it is not said')),
    http: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(text('a host name or address', 'address to listen at; default 127.0.0.1')),
          port: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 65535, expected: 'a whole number from 0 to 65535', default: 8090 }),
          ),
          token: Type.Optional(text(SECRET, 'bearer token of all but /health; without it only /health answers')),
        },
        closed,
      ),
    ),
    log: Type.Optional(Type.Unsafe<(typeof LEVELS)[number]>({ enum: [...LEVELS], expected: `one of ${LEVELS.join(', ')}` })),
  },
  closed,
);

export type RawConfig = Static<typeof ConfigSchema>;
