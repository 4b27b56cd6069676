import { isSmxError, type ErrorDetail } from '@smx-edge/model';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { parseRoles } from './parse-roles.js';
import { RolesSchema } from './roles-schema.js';

const GESSCON = {
  purpose: 'storage dispatch (contract 2026-17)',
  authority: 'controller',
  grants: [
    { read: ['+/power/#', '+/voltage/+', 'battery/soc'], every: '60s', as: 'mean' },
    { history: ['+/power/#'], every: '15m', until: '2027-12-31T23:00:00Z' },
    { command: ['battery/power/setpoint'], between: [-5000, 5000], lease: '15m', priority: 40 },
    { events: ['battery/#'] },
    { profiles: ['pcc/#'] },
    { call: ['ocpp/status'] },
    { manage: ['extensions'] },
  ],
};

function problems(raw: unknown): { code: string; details: readonly ErrorDetail[] } {
  try {
    parseRoles(raw);
  } catch (error) {
    if (isSmxError(error)) return { code: error.code, details: error.details };
    throw error;
  }
  return { code: 'none', details: [] };
}

const grant = (one: Record<string, unknown>): unknown => ({ roles: { esco: { grants: [one] } } });
const only = (raw: unknown): ErrorDetail => {
  const { details } = problems(raw);
  expect(details).toHaveLength(1);
  return details[0]!;
};

describe('parseRoles', () => {
  it('reads the role of the contracts', () => {
    const role = parseRoles({ roles: { gesscon: GESSCON } }).get('gesscon')!;
    expect(role.authority).toBe('controller');
    expect(role.grants).toHaveLength(7);
    expect(role.grants[0]).toEqual({
      every: 60_000,
      as: 'mean',
      delay: 0,
      round: 0,
      interval: 0,
      actions: { read: ['+/power/#', '+/voltage/+', 'battery/soc'] },
    });
    expect(role.grants[1]!.until).toEqual({ t: Date.UTC(2027, 11, 31, 23), local: false });
    expect(role.grants[2]).toMatchObject({ between: [-5000, 5000], lease: 900_000, priority: 40 });
  });

  it('has the built-in roles, alone where there is no file', () => {
    expect([...parseRoles(undefined).keys()]).toEqual(['owner', 'installer', 'viewer']);
    expect([...parseRoles({ roles: { a: null } }).keys()]).toEqual(['owner', 'installer', 'viewer', 'a']);
    expect(parseRoles({ roles: { a: null } }).get('a')!.grants).toEqual([]);
  });

  it.each(['read', 'history', 'command', 'events', 'profiles', 'call', 'manage'])('takes a rate for %s', (action) => {
    const filters = action === 'manage' ? ['links'] : ['a/b'];
    expect(parseRoles(grant({ [action]: filters, 'max-rate': '4/m' })).get('esco')!.grants[0]).toMatchObject({
      interval: 15_000,
      burst: 4,
    });
  });

  it('reads every other condition', () => {
    const raw = grant({
      read: ['pcc/#'],
      from: '2026-03-29',
      until: '2027-01-01T00:00+02:00',
      'between-hours': ['22:00', '06:00'],
      delay: '15m',
      round: 10,
      'max-rate': '4/m',
      purpose: 'study',
    });
    expect(parseRoles(raw).get('esco')!.grants[0]).toMatchObject({
      from: { t: Date.UTC(2026, 2, 29), local: true },
      until: { t: Date.UTC(2026, 11, 31, 22), local: false },
      hours: { from: 22 * 3_600_000, to: 6 * 3_600_000 },
      delay: 900_000,
      round: 10,
      interval: 15_000,
      purpose: 'study',
    });
  });

  it.each([
    [{ read: ['pcc/#'], evry: '1s' }, '/roles/esco/grants/0/evry', 'a known key: did you mean "every"?'],
    [{ read: 'pcc/#' }, '/roles/esco/grants/0/read', 'a list with at least one entry, such as ["pcc/#"]'],
    [{ read: [] }, '/roles/esco/grants/0/read', 'a list with at least one entry, such as ["pcc/#"]'],
    [{ read: ['pcc/#', 7] }, '/roles/esco/grants/0/read/1', 'a text'],
    [{ read: ['pcc#'] }, '/roles/esco/grants/0/read/0', 'a topic filter, but `+` and `#` stand alone in their segment'],
    [{ read: ['#/a'] }, '/roles/esco/grants/0/read/0', 'a topic filter, but `#` stands only at the end'],
    [
      { every: '60s' },
      '/roles/esco/grants/0',
      'at least one of read, history, command, events, profiles, call, manage',
    ],
    [{ read: ['#'], every: 60 }, '/roles/esco/grants/0/every', 'a duration such as 500ms, 10s, 15m, 1h or 31d'],
    [{ read: ['#'], every: '10ms' }, '/roles/esco/grants/0/every', 'a duration from 100ms to 10y'],
    [{ read: ['#'], as: 'mean' }, '/roles/esco/grants/0/as', '"every" beside it: a window function needs a window'],
    [
      { read: ['#'], every: '1m', as: 'men' },
      '/roles/esco/grants/0/as',
      'one of last, mean, min, max, sum, delta; did you mean "mean"?',
    ],
    [
      { read: ['#'], between: [0, 1] },
      '/roles/esco/grants/0/between',
      'no "between" here: it is a condition of command, not of read',
    ],
    [
      { events: ['#'], every: '1m' },
      '/roles/esco/grants/0/every',
      'no "every" here: it is a condition of read, history, not of events',
    ],
    [
      { command: ['a/b'], between: [5, 1] },
      '/roles/esco/grants/0/between',
      'two numbers [min, max], min not above max',
    ],
    [{ command: ['a/b'], priority: 101 }, '/roles/esco/grants/0/priority', 'a whole number 0-100'],
    [{ read: ['#'], 'max-rate': '1' }, '/roles/esco/grants/0/max-rate', 'a rate such as 1/s, 6/m or 4/h'],
    [{ read: ['#'], 'max-rate': '0/s' }, '/roles/esco/grants/0/max-rate', 'a rate such as 1/s, 6/m or 4/h'],
    [{ read: ['#'], round: 0 }, '/roles/esco/grants/0/round', 'a number above 0'],
    [{ read: ['#'], from: '2027-01-01', until: '2026-01-01' }, '/roles/esco/grants/0/until', 'a time after "from"'],
    [
      { read: ['#'], 'between-hours': ['6:00', '22:00'] },
      '/roles/esco/grants/0/between-hours',
      'two different hours such as ["06:00", "22:00"], in the time zone of the site',
    ],
    [
      { read: ['#'], every: '1d', 'between-hours': ['06:00', '22:00'] },
      '/roles/esco/grants/0/every',
      'at most 16h: no longer window lies within "between-hours"',
    ],
    [
      { manage: ['token'] },
      '/roles/esco/grants/0/manage/0',
      'one of extensions, links, ledger, users, tokens, grants, config, metrics, health, #; did you mean "tokens"?',
    ],
  ])('%j: at %s expected %s', (one, path, expected) => {
    expect(only(grant(one))).toEqual({ path, expected });
  });

  it.each(['2027-02-30', '2027-13-01', 'tomorrow', '2027-01-01T25:00', 5])('%j is no time', (until) => {
    expect(only(grant({ read: ['#'], until })).path).toBe('/roles/esco/grants/0/until');
  });

  it('names every problem, and tells wrong keys from wrong values', () => {
    expect(problems({ roles: { owner: {} } })).toEqual({
      code: 'SMX_CONFIG_INVALID',
      details: [{ path: '/roles/owner', expected: 'another name: "owner" is built in' }],
    });
    expect(problems({ rolls: {} }).code).toBe('SMX_CONFIG_UNKNOWN_KEY');
    expect(problems({ roles: { 'a/b': {}, x: { authority: 'king', mqtt: { publish: ['a#'] } } } }).details).toEqual([
      { path: '/roles/a~1b', expected: 'a name of lower case letters, digits and -, at most 31 characters' },
      { path: '/roles/x/authority', expected: 'one of emergency, dso, owner, agent, controller' },
      { path: '/roles/x/mqtt/publish/0', expected: 'a topic filter, but `+` and `#` stand alone in their segment' },
    ]);
  });

  it('gives problems, never another error, for any document; what it takes the schema takes', () => {
    const word = fc.constantFrom(
      'roles',
      'grants',
      'read',
      'every',
      'as',
      'until',
      'between-hours',
      'a',
      '10s',
      'pcc/#',
    );
    const leaf = fc.oneof(word, fc.integer(), fc.constant(null), fc.boolean());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(word, tie('tree'))),
    }));
    const grantKeys = { every: fc.constantFrom('1s', '15m', 5), as: fc.constantFrom('mean', 'x'), read: tree };
    const near = fc.record({ grants: fc.array(fc.record(grantKeys, { requiredKeys: [] }), { maxLength: 2 }) });
    fc.assert(
      fc.property(
        fc.oneof(
          tree,
          near.map((role) => ({ roles: { x: role } })),
        ),
        (raw) => {
          if (problems(raw).code !== 'none') return;
          // null stands for an empty file or role, which a schema of objects does not say
          const text = JSON.stringify(raw ?? {}).replaceAll('"x":null', '"x":{}');
          const withoutNull = JSON.parse(text, (_, value: unknown) => value ?? undefined) as unknown;
          expect(Value.Check(RolesSchema, withoutNull)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
    expect(Value.Check(RolesSchema, { roles: { gesscon: GESSCON } })).toBe(true);
  });
});
