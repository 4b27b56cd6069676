import { Type, type TSchema } from '@sinclair/typebox';
import { AGGREGATES, COMMAND_OUTCOMES, COMMAND_STATES, LEDGER_KINDS, POINT_KINDS, POINT_TYPES } from '@smx-edge/model';
import { DEVICE, EVENT, orNull, PROFILE, quality, time, value, word } from '@smx-edge/northbound/messages';

const duration = (description: string): TSchema => Type.String({ description: `${description}: like 15m` });
const stage = {
  state: word(COMMAND_STATES),
  t: time('When'),
  value,
  measured: Type.Optional(Type.Unsafe<unknown>({ description: 'what the point that proves it showed' })),
  code: Type.Optional(Type.String({ description: 'why, where it is not as asked; SMX_… or one of the device' })),
  reason: Type.Optional(Type.String()),
};

/** Schemas of answers and bodies by the names that the table of operations uses. */
export const SCHEMAS: Readonly<Record<string, TSchema>> = {
  Any: Type.Unsafe<unknown>({}),
  Status: Type.Object({ status: Type.String() }),
  Accepted: Type.Object({ id: Type.String() }),
  Point: Type.Object({
    path: Type.String(),
    unit: orNull('string', 'UCUM'),
    kind: word(POINT_KINDS),
    type: word(POINT_TYPES),
    obis: orNull('string'),
    value,
    t: time('Source time or end of the window; 0 = never had a value'),
    quality,
    reason: Type.Optional(Type.String({ description: 'why there is no (good) value' })),
    every: Type.Optional(Type.String({ description: 'window in which it is granted; absent = as it comes' })),
    as: Type.Optional(word(AGGREGATES)),
    next: Type.Optional(time('When the running window closes, or what is delayed is given')),
  }),
  Sample: Type.Object({
    path: Type.String(),
    v: value,
    t: time('Source time or end of the window'),
    q: quality,
    reason: Type.Optional(Type.String({ description: 'why there is no (good) value' })),
  }),
  Device: DEVICE,
  History: Type.Object({
    points: Type.Record(
      Type.String(),
      Type.Array(
        Type.Unsafe<unknown>({
          type: 'array',
          minItems: 2,
          maxItems: 3,
          description: '[t, value, quality where not good]',
        }),
      ),
    ),
  }),
  Event: EVENT,
  Profile: PROFILE,
  ProfileRows: Type.Object({
    ...PROFILE.properties,
    rows: Type.Array(
      Type.Unsafe<unknown>({
        type: 'array',
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
  }),
  CommandWish: Type.Object({
    id: Type.Optional(Type.String({ description: 'unique for 7 days; default a new one', maxLength: 128 })),
    point: Type.String({ description: 'path of a set-point' }),
    value: Type.Optional(value),
    min: Type.Optional(
      Type.Number({ description: 'instead of a value: nobody of this authority or below goes lower' }),
    ),
    max: Type.Optional(Type.Number({ description: 'the same, no higher' })),
    for: Type.Optional(duration('lease')),
    until: Type.Optional(time('End of the lease, instead of `for`')),
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'at most that of the grant' })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  ScheduleWish: Type.Unsafe<unknown>({
    oneOf: [
      Type.Object({
        id: Type.Optional(Type.String({ description: 'unique for 7 days; default a new one', maxLength: 128 })),
        start: Type.Unsafe<unknown>({
          type: ['integer', 'string'],
          description: 'ms UTC, ISO 8601 (without offset in the zone of the site), `today` or `tomorrow`',
        }),
        step: duration('how long each value holds'),
        values: Type.Array(Type.Unsafe<unknown>({ type: ['number', 'null'] }), { minItems: 1, maxItems: 200 }),
        unit: Type.Optional(Type.String({ description: "default the point's; kW where that is W" })),
        priority: Type.Optional(
          Type.Unsafe<unknown>({
            type: ['integer', 'array'],
            minimum: 0,
            maximum: 100,
            items: { type: 'integer', minimum: 0, maximum: 100 },
            description: 'of all, or of each value',
          }),
        ),
        hb: Type.Optional(duration('two missed heartbeats end the value that holds')),
        reason: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      Type.Array(Type.Unsafe<unknown>({ type: 'object' }), { description: 'a SenML pack (RFC 8428)' }),
    ],
  }),
  Schedule: Type.Object(
    {
      id: Type.String(),
      point: Type.String(),
      start: time('Begin of the first value'),
      step: Type.Integer({ description: 'ms' }),
      values: Type.Array(Type.Unsafe<unknown>({ type: ['number', 'null'] })),
      principal: Type.String(),
      authority: Type.String(),
      until: time('End of the last value'),
    },
    { additionalProperties: true },
  ),
  CommandTaken: Type.Object({ id: Type.String(), state: word(COMMAND_STATES) }),
  Command: Type.Object(
    {
      id: Type.String(),
      point: Type.String(),
      ...stage,
      asked: value,
      principal: Type.String(),
      authority: Type.String(),
      priority: Type.Integer(),
      received: time('When it came'),
      until: time('End of its lease'),
      outcome: Type.Optional(word(COMMAND_OUTCOMES)),
      over: Type.Boolean({ description: 'nothing of it can happen any more' }),
      stages: Type.Array(Type.Object(stage)),
    },
    { additionalProperties: true },
  ),
  Instance: Type.Object(
    {
      id: Type.String(),
      use: Type.String(),
      state: Type.String(),
      since: time('Since when in this state'),
      reason: Type.Optional(Type.String()),
      code: Type.Optional(Type.String()),
    },
    { additionalProperties: true },
  ),
  Link: Type.Object({
    name: Type.String({ description: 'its key in the config, its principal and its party' }),
    state: word(['stopped', 'connecting', 'online', 'waiting', 'ended', 'failed']),
    since: time('Since when in this state'),
    url: Type.Optional(Type.String()),
    role: Type.Optional(Type.String()),
    topics: Type.Optional(Type.String({ description: 'base of its topics' })),
    former: Type.Optional(Type.Boolean({ description: 'no longer in the config; here until its broker was emptied' })),
    protocol: Type.Optional(word(['5.0', '3.1.1'], 'MQTT version that is spoken')),
    code: Type.Optional(
      Type.String({ description: 'what is wrong: why it is not on line, or what the broker does not take' }),
    ),
    reason: Type.Optional(Type.String({ description: 'the same in words, with what to do' })),
    retryAt: Type.Optional(time('When it is tried again')),
    connects: Type.Optional(Type.Integer({ description: 'connections that came up' })),
    failures: Type.Optional(Type.Integer({ description: 'tries that failed, and connections that were lost' })),
    sent: Type.Optional(Type.Integer({ description: 'messages that the broker or its socket took' })),
    dropped: Type.Optional(Type.Integer({ description: 'messages that the broker or the link did not take' })),
    streams: Type.Optional(
      Type.Array(
        Type.Object({
          stream: Type.String({ description: 'as in the topic t/{stream}' }),
          next: Type.Integer({ description: 'number of the batch that is cut next' }),
          oldest: Type.Integer({ description: 'first batch that was not acknowledged' }),
          behind: Type.Integer({ description: 'batches that were not acknowledged' }),
          since: Type.Optional(time('When the oldest of them was cut')),
          sent: Type.Integer({ description: 'batches that were sent since the start' }),
          resent: Type.Integer({ description: 'batches that were sent once more' }),
          refused: Type.Integer({ description: 'acks that were malformed' }),
          foreign: Type.Integer({ description: 'acks of another epoch' }),
          code: Type.Optional(Type.String({ description: 'why nothing is cut' })),
          reason: Type.Optional(Type.String({ description: 'the same in words' })),
        }),
        { description: 'its streams of the certain lane' },
      ),
    ),
  }),
  Discoverable: Type.Object({
    extensions: Type.Array(
      Type.Object({
        use: Type.String(),
        title: Type.String(),
        version: Type.String(),
        problem: Type.Optional(Type.String({ description: 'why it cannot be used' })),
      }),
    ),
    ports: Type.Array(
      Type.Object(
        { path: Type.String({ description: 'the name that survives a replug' }), device: Type.String() },
        { additionalProperties: true },
      ),
    ),
  }),
  DiscoverWish: Type.Object({
    use: Type.String({ description: 'name of an installed extension' }),
    source: Type.Optional(Type.String({ description: 'where to look, like serial:/dev/ttyUSB0' })),
  }),
  TokenWish: Type.Object({
    role: Type.String(),
    name: Type.Optional(Type.String({ description: "default is the role's name" })),
    alias: Type.Optional(Type.String({ description: 'replaces the site id in the topics of this party' })),
    expires: Type.Optional(time('End of its life')),
  }),
  Token: Type.Object({
    token: Type.String(),
    principal: Type.String(),
    role: Type.String(),
    expires: orNull('integer', 'ms UTC, null = never'),
  }),
  TokenRow: Type.Object({
    principal: Type.String(),
    kind: Type.String(),
    role: Type.String(),
    alias: orNull('string'),
    created: time('When it was made'),
    expires: orNull('integer', 'ms UTC, null = never'),
  }),
  Login: Type.Object({
    name: Type.String(),
    password: Type.String(),
    setup: Type.Optional(Type.String({ description: 'set-up code; makes the owner under this name and password' })),
  }),
  Session: Type.Object({
    principal: Type.String(),
    kind: Type.String(),
    role: Type.String(),
    expires: orNull('integer', 'ms UTC, null = never'),
    manages: Type.Array(Type.String(), { description: 'areas of the grant `manage`' }),
    site: Type.String({ description: 'id of the site, or the alias this principal knows instead' }),
    timezone: Type.String({ description: 'IANA name of the zone in which days of the site begin' }),
    version: Type.String(),
  }),
  UserWish: Type.Object({
    name: Type.String(),
    role: Type.String(),
    password: Type.String({ minLength: 8, maxLength: 128 }),
  }),
  Password: Type.Object({ password: Type.String({ minLength: 8, maxLength: 128 }) }),
  Role: Type.Object({
    role: Type.String(),
    purpose: orNull('string'),
    authority: Type.String(),
    principals: Type.Array(Type.String(), { description: 'who acts under it' }),
  }),
  Grants: Type.Object(
    {
      role: Type.String(),
      purpose: orNull('string'),
      authority: Type.String(),
      principals: Type.Array(Type.String()),
      points: Type.Array(Type.Unsafe<unknown>({ $ref: '#/components/schemas/Point' })),
      history: Type.Array(Type.Object({ path: Type.String() }, { additionalProperties: true })),
      commands: Type.Array(Type.Object({ path: Type.String() }, { additionalProperties: true })),
      events: Type.Array(Type.String()),
      profiles: Type.Array(Type.String()),
      calls: Type.Array(Type.String()),
      manages: Type.Array(Type.String()),
      timed: Type.Array(
        Type.Object({
          actions: Type.Record(Type.String(), Type.Array(Type.String()), { description: 'filters by action' }),
          from: orNull('integer', 'ms UTC'),
          until: orNull('integer', 'ms UTC'),
          hours: orNull('array', 'part of each local day, from and to as HH:MM'),
          holds: Type.Boolean(),
        }),
        { description: 'grants with bounds in time, those that do not hold now included' },
      ),
    },
    { description: 'what a role gets right now' },
  ),
  LedgerEntry: Type.Object({
    seq: Type.Integer({ description: 'from 1, without holes' }),
    t: time('When it was written'),
    kind: word(LEDGER_KINDS),
    principal: Type.String(),
    data: Type.Unsafe<unknown>({ type: 'object' }),
    hash: Type.String({ description: 'SHA-256 over the previous hash and the canonical entry, hex' }),
  }),
  Erasure: Type.Object({
    match: Type.String({ description: 'topic filter on paths' }),
    before: Type.String({ description: 'ISO 8601, ms UTC, or a duration before now like 90d' }),
  }),
  Erased: Type.Object({
    points: Type.Integer({ description: 'that match' }),
    samples: Type.Integer(),
    windows: Type.Integer({ description: 'of 15 minutes' }),
  }),
  LedgerVerdict: Type.Object({
    ok: Type.Boolean(),
    entries: Type.Integer({ description: 'of the ledger that verify, counted up to the first that does not' }),
    firstBad: Type.Optional(Type.Integer()),
    rows: Type.Integer({ description: 'of load profiles that verify' }),
    profiles: Type.Integer(),
    seals: Type.Integer({ description: 'signed heads of earlier hours that the chains were compared with' }),
    keys: Type.Array(Type.String(), { description: 'names of the device keys that signed' }),
    faults: Type.Array(Type.String({ description: 'what is wrong, in words' })),
  }),
  Health: Type.Object({
    status: word(['ready', 'starting']),
    site: Type.String(),
    version: Type.String(),
    since: time('Start of the core'),
    parts: Type.Record(
      Type.String(),
      Type.Object({ ok: Type.Boolean(), text: Type.String(), code: Type.Optional(Type.String()) }),
    ),
    problems: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
  }),
  Problem: Type.Object(
    {
      type: Type.String(),
      title: Type.String({ description: 'what the code means' }),
      status: Type.Integer(),
      detail: Type.String({ description: 'what happened and what to do' }),
      code: Type.String({ description: 'SMX_…; never translated' }),
      errors: Type.Array(Type.Object({ path: Type.String(), expected: Type.String() })),
    },
    { description: 'RFC 9457 problem details' },
  ),
};
