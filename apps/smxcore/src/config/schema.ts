import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { DURATION_PATTERN, SIZE_PATTERN } from '@smx-edge/model';
import { LimitsSection } from './limits.js';
import { closed, Duration, type Words } from './words.js';

/** Pattern of the one name space of users, tokens, links and instances (contracts §2). */
const NAME_PATTERN = '^[a-z0-9][a-z0-9-]{0,30}$';

const NAME_WORDS = 'lower case letters, digits and -, at most 31 characters';

const Text = (words: Words): TSchema & { static: string } =>
  Type.String({ minLength: 1, expected: 'a text', ...words });

const Port = (byDefault: string) =>
  Type.Integer({
    minimum: 0,
    maximum: 65535,
    expected: 'a whole number from 0 to 65535',
    description: 'TCP port; 0 takes a free one',
    default: byDefault,
  });

/** A section that may be switched off by `null`; one type union, so that errors inside it stay exact. */
function nullable<T extends TObject>(schema: T, words: Words): TSchema & { static: Static<T> | null } {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: ['object', 'null'], ...words });
}

/** A mapping from free keys of one form to one kind of section. */
function mapping<T extends TSchema>(keys: string, section: T, words: Words & { keyExpected: string }) {
  return Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    patternProperties: { [keys]: section },
    additionalProperties: false,
    expected: 'a mapping',
    ...words,
  });
}

const ServerTls = nullable(
  closed({
    key: Text({ expected: 'a file path', description: 'PEM file of the private key' }),
    cert: Text({ expected: 'a file path', description: 'PEM file of the certificate chain' }),
  }),
  { expected: 'null, or a mapping with key and cert', description: 'TLS of this door; null = plain', default: null },
);

const Host = Text({ expected: 'a host name or address', description: 'address to listen at', default: '127.0.0.1' });

const HttpSection = closed(
  { host: Type.Optional(Host), port: Type.Optional(Port('8080')), tls: Type.Optional(ServerTls) },
  { description: 'HTTP API and page' },
);

const BrokerSection = nullable(
  closed({ host: Type.Optional(Host), port: Type.Optional(Port('1883')), tls: Type.Optional(ServerTls) }),
  { expected: 'null, or a mapping', description: 'The embedded local MQTT broker; null = off' },
);

const HistorySection = Type.Unsafe<Record<string, string>>({
  type: 'object',
  properties: {
    flush: Duration('how often samples are made durable: a power cut loses at most this much', '10s'),
    budget: Type.String({
      pattern: SIZE_PATTERN,
      expected: 'a size like 64MiB or 2GiB',
      description: 'most that samples and windows may take on disk; the oldest samples go first, then one-minute windows, then those of 15',
      default: '2GiB',
    }),
    raw: Duration('how long samples are kept as they came', '31d'),
    '1m': Duration('how long the one-minute windows are kept that stand for samples which are gone', '1y'),
    '15m': Duration('how long 15-minute windows (mean, least, most …) of numbers are kept', '10y'),
  },
  additionalProperties: false,
  expected: 'a mapping',
  keyExpected: 'flush, budget, raw, 1m or 15m',
  description: 'What the historian keeps',
});

const Switch = Type.Unsafe<boolean | 'on' | 'off'>({ enum: [true, false, 'on', 'off'], expected: 'on or off' });

const InstanceSchema = closed({
  use: Text({ expected: 'the name of an installed extension', description: 'which extension runs here' }),
  config: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      expected: 'a mapping',
      description: 'settings, by the schema of the extension',
    }),
  ),
  control: Type.Optional({
    ...Switch,
    description: 'whether commands may reach its devices',
    default: 'off',
  } as typeof Switch),
  allow: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      expected: 'a mapping of permissions',
      description: 'permissions given to an installed package: what its manifest asks, repeated',
    }),
  ),
  limits: Type.Optional(
    closed(
      {
        memory: Type.Optional(
          Type.String({ pattern: SIZE_PATTERN, expected: 'a size like 64MiB', description: 'memory of the process: looked at each second, and the process ended beyond it; the kernel refuses it what goes some 64 MiB further' }),
        ),
        points: Type.Optional(
          Type.Integer({ minimum: 1, expected: 'a whole number, 1 or more', description: 'points it may declare' }),
        ),
        samples: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, expected: 'a number above 0', description: 'samples per second' }),
        ),
        state: Type.Optional(
          Type.String({ pattern: SIZE_PATTERN, expected: 'a size like 1MiB', description: 'what it may remember' }),
        ),
      },
      { description: 'Limits of the process of this instance' },
    ),
  ),
});

const ENCODINGS = ['json', 's4g', 'senml', 'influx', 'sparkplug', 'home-assistant'] as const;

const ORDERS = ['oldest-first', 'newest-first'] as const;

const LinkSchema = closed({
  url: Type.String({
    pattern: '^(mqtts?|wss?)://.+|^local:$',
    expected: 'an address like mqtts://host:8883, or local:',
    description: "the party's broker",
  }),
  role: Text({ expected: 'the name of a role', description: 'the role the link acts under' }),
  encoding: Type.Optional(
    Type.Unsafe<(typeof ENCODINGS)[number]>({
      enum: [...ENCODINGS],
      expected: `one of ${ENCODINGS.join(', ')}`,
      description: 'form of the messages; this version has json',
      default: 'json',
    }),
  ),
  alias: Type.Optional(
    Type.String({
      pattern: NAME_PATTERN,
      expected: NAME_WORDS,
      description: 'replaces the site id in the topics of this party',
    }),
  ),
  auth: Type.Optional(
    closed({
      user: Type.Optional(Text({})),
      password: Type.Optional(
        Text({ expected: 'a secret, as ${ENV} or file:PATH', description: 'a secret, as ${ENV} or file:PATH' }),
      ),
    }),
  ),
  tls: Type.Optional(
    nullable(
      closed({
        ca: Type.Optional(
          Text({
            expected: 'a file path',
            description: 'PEM file of the CA that alone is trusted; default those of the system',
          }),
        ),
        cert: Type.Optional(Text({ expected: 'a file path', description: "PEM file of the link's own certificate" })),
        key: Type.Optional(Text({ expected: 'a file path', description: 'PEM file of its private key' })),
      }),
      { expected: 'null, or a mapping with ca, cert, key' },
    ),
  ),
  ack: Type.Optional(
    Type.Unsafe<'consumer' | 'broker'>({ 
      enum: ['consumer', 'broker'],
      expected: 'consumer or broker',
      description: 'whose word ends a batch of the certain lane: who stored it, or the PUBACK of the broker',
      default: 'consumer',
    }),
  ),
  batch: Type.Optional(Duration('what one batch of the certain lane spans, 1s to 1h; default `history.flush`')),
  order: Type.Optional(
    Type.Unsafe<(typeof ORDERS)[number]>({
      enum: [...ORDERS],
      expected: 'oldest-first or newest-first',
      description: 'which of the batches that the party missed comes first',
      default: 'oldest-first',
    }),
  ),
  compress: Type.Optional(
    Type.Unsafe<'none' | 'deflate' | null>({ enum: ['none', 'deflate', null], 
      expected: 'deflate or none',
      description: 'deflate makes every payload zlib',
      default: 'none',
    }),
  ),
  now: Type.Optional(
    Type.String({
      pattern: `^off$|${DURATION_PATTERN}`,
      expected: 'a duration like 1s, or off',
      description: 'how often at most `now` is sent',
      default: '1s',
    }),
  ),
});

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The one schema of smx.yaml: validation, types, reference page and forms come from it. */
export const ConfigSchema = closed({
  site: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$',
    expected: 'letters, digits, - and _, at most 63 characters',
    description: 'Id of the site; a segment of MQTT topics',
  }),
  timezone: Type.Optional(
    Text({
      expected: 'a time zone of the IANA data base like Europe/Rome',
      description: 'For month peaks, daily windows, schedules and time stamps without offset',
      default: 'UTC',
    }),
  ),
  data: Text({
    expected: 'a folder path',
    description: 'Store, ledger and state of extensions; created with mode 0700',
  }),
  http: Type.Optional(HttpSection),
  broker: Type.Optional(BrokerSection),
  roles: Type.Optional(Text({ expected: 'a file path', description: 'File with the roles' })),
  history: Type.Optional(HistorySection),
  limits: Type.Optional(LimitsSection),
  packages: Type.Optional(
    Text({
      expected: 'a folder path',
      description: 'Installed extension packages; default is packages in the data folder',
    }),
  ),
  log: Type.Optional(
    closed(
      {
        level: Type.Optional(
          Type.Unsafe<(typeof LOG_LEVELS)[number]>({
            enum: [...LOG_LEVELS],
            expected: `one of ${LOG_LEVELS.join(', ')}`,
            description: 'least severity that is written',
            default: 'info',
          }),
        ),
      },
      { description: 'Log on standard output' },
    ),
  ),
  extensions: Type.Optional(
    mapping(NAME_PATTERN, InstanceSchema, { keyExpected: NAME_WORDS, description: 'Instances of extensions by name' }),
  ),
  links: Type.Optional(
    mapping(NAME_PATTERN, LinkSchema, { keyExpected: NAME_WORDS, description: 'North-bound links by party' }),
  ),
});

export type RawConfig = Static<typeof ConfigSchema>;
export type RawInstance = Static<typeof InstanceSchema>;
