import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock, type ProfileRow } from '@smx-edge/model';
import { isSigned, profileGenesis, publicKeyOf, rowHash, rowText, verifyExport } from '@smx-edge/datastore';
import { loadConfig, startCore, type Core } from '@smx-edge/smxcore';

const QUARTER = 900_000;
const START = Date.UTC(2026, 2, 29);
const PROFILE = {
  device: 'pcc',
  id: '1-0:99.1.0',
  period: QUARTER,
  columns: [
    { obis: '1-0:1.8.0', unit: 'Wh', scaler: -3 },
    { obis: '1-0:2.8.0', unit: 'Wh' },
  ],
} as const;
const ROLES = `roles:
  all: { grants: [{ profiles: ["pcc/#"], events: ["pcc/#"] }] }
  since: { grants: [{ profiles: ["pcc/#"], from: ${new Date(START + 3 * QUARTER).toISOString()} }] }
  hours: { grants: [{ profiles: ["pcc/#"], between-hours: ["00:00", "04:00"] }] }
  none: {}
  auditor: { grants: [{ manage: [ledger] }] }
  prover: { grants: [{ manage: [ledger], profiles: ['#'] }] }
`;
const rows = (from: number, to: number): ProfileRow[] =>
  Array.from({ length: to - from }, (_, i) => [START + (from + i) * QUARTER, 0, `${from + i}.500`, null]);

interface Answer {
  readonly rows: ProfileRow[];
  readonly hash: string | null;
  readonly prev: string | null;
  readonly sig: string | null;
  readonly first: number;
  readonly sources: [number, string | null][];
  readonly [more: string]: unknown;
}

let folder: string;
let core: Core;
const tokens: Record<string, string> = {};
const ask = (path: string, as: string): Promise<Response> =>
  fetch(`${core.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${tokens[as]}` } });
const profile = async (as: string, query = ''): Promise<Answer> =>
  (await (await ask(`profiles/pcc/1-0:99.1.0${query}`, as)).json()) as Answer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smx-profiles-'));
  writeFileSync(join(folder, 'roles.yaml'), ROLES);
  writeFileSync(
    join(folder, 'smx.yaml'),
    'site: s\ntimezone: UTC\ndata: ./var\nroles: ./roles.yaml\nhttp: { port: 0 }\nbroker: null\n',
  );
  const clock = new VirtualClock(START + 3_600_000);
  core = await startCore({ loaded: loadConfig(join(folder, 'smx.yaml'), {}), log: silentLog, clock });
  for (const role of ['all', 'since', 'hours', 'none', 'auditor', 'prover'])
    tokens[role] = (await core.principals.createToken({ role })).token;
  const { profiles } = core.store;
  await profiles.put(PROFILE);
  await profiles.append({ ...PROFILE, rows: rows(1, 6), source: 'ab'.repeat(32) });
  await profiles.append({ ...PROFILE, rows: rows(6, 3000), source: null });
});
afterAll(async () => {
  await core.stop();
  rmSync(folder, { recursive: true });
});

it('gives rows by interval end, in the text of the meter, and all that proves them', async () => {
  const { device, id, columns } = PROFILE;
  expect(await (await ask('profiles', 'all')).json()).toEqual([{ device, id, period: '15m', columns }]);
  const answer = await profile('all', `?from=${START + 2 * QUARTER}&to=${START + 7 * QUARTER}`);
  expect(answer).toMatchObject({ device, id, period: '15m', columns, rows: rows(3, 8), first: 3 });
  expect(answer.sources).toEqual([
    [3, 'ab'.repeat(32)],
    [2, null],
  ]);
  // what a party computes of the answer alone, with the public key of the box
  let hash = answer.prev!;
  const sources = answer.sources.flatMap(([n, source]) => new Array<string | null>(n).fill(source));
  for (const [i, row] of answer.rows.entries())
    hash = rowHash(hash, { seq: answer.first + i, row, source: sources[i] ?? null });
  expect(hash).toBe(answer.hash);
  const key = publicKeyOf((await core.store.keys())[0]!)!;
  expect(isSigned(rowText(hash), answer.sig!, key)).toBe(true);
  const whole = await profile('all');
  expect(whole.rows).toEqual(rows(1, 3000));
  expect(whole.prev).toBe(profileGenesis(PROFILE));
  expect(await profile('all', '?from=2027-01-01')).toMatchObject({ rows: [], hash: null, prev: null, sig: null });
});

it('gives of it what is granted, and no hash beside rows that are held back', async () => {
  const since = await profile('since');
  expect(since.rows).toEqual(rows(3, 3000));
  expect([since.first, typeof since.sig]).toEqual([3, 'string']);
  const hours = await profile('hours', `?to=${START + 97 * QUARTER}`);
  expect(hours.rows).toEqual([...rows(1, 16), ...rows(96, 98)]);
  expect([hours.hash, hours.prev, hours.sig, hours.first, hours.sources]).toEqual([
    null,
    null,
    null,
    undefined,
    undefined,
  ]);
  expect((await profile('hours', `?to=${START + 2 * QUARTER}`)).hash).toBeNull();
  expect(await (await ask('profiles', 'none')).json()).toEqual([]);
  const [unknown, hidden] = [await ask('profiles/pcc/none', 'all'), await ask('profiles/pcc/1-0:99.1.0', 'none')];
  expect([unknown.status, await unknown.text()]).toEqual([404, await hidden.text()]);
  for (const query of ['?from=yesterday', '?every=1h', '?from=2&to=1'])
    expect((await ask(`profiles/pcc/1-0:99.1.0${query}`, 'all')).status).toBe(400);
});

it('gives files of events for saving only', async () => {
  const bytes = Buffer.from('<script>alert(1)</script>');
  const { id } = await core.store.addEvent(
    { t: START, path: 'pcc', code: 'sag', severity: 'info', state: 'once', text: '' },
    [{ name: 'a.html', type: 'text/html; charset=utf-8', bytes }],
  );
  const answer = await ask(`events/${id}/files/a.html`, 'all');
  expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, bytes]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-disposition': 'attachment; filename="a.html"',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  const text = await (await ask(`events/${id}/files/b`, 'all')).text();
  for (const [path, as] of [
    [`events/${id}/files/a.html`, 'none'],
    [`events/${id + 1}/files/a.html`, 'all'],
    [`events/x/files/a.html`, 'all'],
    [`events/${id}/files/..%2f${id}-0`, 'all'],
  ] as const) {
    const refused = await ask(path, as);
    expect([refused.status, await refused.text()]).toEqual([404, text]);
  }
});

it('exports what an offline verifier needs, and rows only to who may see them', async () => {
  const [mine, theirs] = await Promise.all(
    ['prover', 'auditor'].map(async (as) => (await (await ask('ledger/export', as)).text()).trimEnd().split('\n')),
  );
  const keys = new Set((await core.store.keys()).map(({ name }) => name));
  expect(await verifyExport(mine!, keys)).toMatchObject({ ok: true, rows: 2999, profiles: 1 });
  expect(await verifyExport(theirs!, keys)).toMatchObject({ ok: true, rows: 0, profiles: 0 });
  expect(theirs!.join()).not.toContain('"row"');
  expect(theirs!.some((line) => line.includes('"withheld":true'))).toBe(true);
  expect((await ask('ledger/export', 'all')).status).toBe(403);
  expect(await (await ask('ledger/verify', 'auditor')).json()).toMatchObject({ ok: true, rows: 2999, faults: [] });
});
