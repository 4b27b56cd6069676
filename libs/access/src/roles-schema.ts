import { AGGREGATES, DURATION_PATTERN } from '@smx-edge/model';
import { Type, type Static } from '@sinclair/typebox';
import { AREAS, AUTHORITIES } from './role.js';

/** `06:00`; `24:00` only as an end. */
export const HOUR_PATTERN = '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$';
/** ISO 8601; without an offset in the site's time zone, a date alone is its local midnight. */
export const TIME_PATTERN = '^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2})?)?$';
export const RATE_PATTERN = '^\\d+(\\.\\d+)?/(s|m|min|h|d)$';
const ROLE_NAME_PATTERN = '^[a-z0-9][a-z0-9-]{0,30}$';

const strict = { additionalProperties: false } as const;
const duration = (description: string) => Type.String({ pattern: DURATION_PATTERN, description });
const oneOf = <T extends string>(words: readonly T[], description: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description },
  );
const filters = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, description });
const time = (description: string) => Type.String({ pattern: TIME_PATTERN, description });

export const GrantSchema = Type.Object(
  {
    read: Type.Optional(filters('Points whose present value is given: now, certain lane, SSE, GET points.')),
    history: Type.Optional(filters('Points whose history is given: HTTP history and `req`.')),
    command: Type.Optional(filters('Set-points that may be commanded.')),
    events: Type.Optional(filters('Devices and points whose events are given.')),
    profiles: Type.Optional(filters('Load profiles, as DEVICE/ID.')),
    call: Type.Optional(filters('Calls of extensions, as INSTANCE/NAME, /DETAIL where the call says so.')),
    manage: Type.Optional(
      Type.Array(oneOf([...AREAS, '#'], 'A part of the box; `#` is all.'), {
        minItems: 1,
        description: 'Parts of the box that may be managed.',
      }),
    ),
    every: Type.Optional(duration('Window length; only closed windows are given.')),
    as: Type.Optional(oneOf(AGGREGATES, 'Window function; default mean for measurements, last otherwise.')),
    from: Type.Optional(time('The grant holds from this time on; data before it is not given.')),
    until: Type.Optional(time('The grant ends at this time; data from then on is not given.')),
    'between-hours': Type.Optional(
      Type.Array(Type.String({ pattern: HOUR_PATTERN }), {
        minItems: 2,
        maxItems: 2,
        description: 'Part of each day in the time zone of the site; over midnight where the end is the smaller.',
      }),
    ),
    delay: Type.Optional(duration('Age a value must have before it is given.')),
    round: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "Values are given in multiples of it, in the point's unit." }),
    ),
    'max-rate': Type.Optional(
      Type.String({
        pattern: RATE_PATTERN,
        description:
          'Changes of one point, its values in history, commands at it; requests for events and profiles, calls, managing requests: per s, m, h or d.',
      }),
    ),
    between: Type.Optional(
      Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: "Bounds of a commanded value, in the point's unit.",
      }),
    ),
    lease: Type.Optional(duration('Longest a command may hold; default 1d.')),
    priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'Within the authority, the higher wins; a command may only lower it. Default 50.',
      }),
    ),
    purpose: Type.Optional(Type.String({ description: 'What the data is for.' })),
  },
  strict,
);

const RoleSchema = Type.Object(
  {
    purpose: Type.Optional(Type.String({ description: 'What the role is for, a contract for instance.' })),
    authority: Type.Optional(oneOf(AUTHORITIES, 'Whose commands win; default controller.')),
    grants: Type.Optional(
      Type.Array(GrantSchema, { description: 'Without grants a role may connect and sees nothing.' }),
    ),
    mqtt: Type.Optional(
      Type.Object(
        {
          publish: Type.Optional(filters('Topics a device of this role may publish to.')),
          subscribe: Type.Optional(filters('Topics a device of this role may subscribe to.')),
        },
        { ...strict, description: 'For devices that speak MQTT themselves.' },
      ),
    ),
  },
  strict,
);

/** The roles file (contracts §2). `parseRoles` checks more than a schema can say: filters, times, what goes together. */
export const RolesSchema = Type.Object(
  { roles: Type.Optional(Type.Record(Type.String({ pattern: ROLE_NAME_PATTERN }), RoleSchema)) },
  { ...strict, $id: 'roles', title: 'Roles and grants' },
);
export type RolesDocument = Static<typeof RolesSchema>;
