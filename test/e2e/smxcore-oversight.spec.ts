import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyExport } from '@smx-edge/datastore';
import { Box, stop, until } from './smxcore-support.js';

const ROLES = `roles:
  esco:
    purpose: advice
    grants:
      - read: ["box/memory/#"]
        round: 1000000
      - read: ["box/cpu/#"]
        every: 1h
      - history: ["box/memory/#"]
        every: 15m
      - events: ["box/#"]
`;

interface Entry {
  readonly kind: string;
  readonly principal: string;
  readonly data: { readonly reads?: readonly { readonly points: readonly string[]; readonly round?: number }[] };
}

let box: Box;
beforeEach(() => {
  box = new Box('roles: ./roles.yaml\n');
  writeFileSync(join(box.folder, 'roles.yaml'), ROLES);
});
afterEach(() => box.remove());

const json = async <T>(args: readonly string[]): Promise<T> => {
  const { status, out, err } = await box.smx([...args, '--json']);
  if (status !== 0) throw new Error(err + out);
  return JSON.parse(out) as T;
};

const tokenFor = async (role: string): Promise<string> =>
  (await json<{ token: string }>(['token', 'create', '--role', role])).token;

const get = (url: string, token: string, accept = '*/*'): Promise<Response> =>
  fetch(url, { headers: { authorization: `Bearer ${token}`, accept } });

it('shows what a role gets, tells who received what, and proves it away from the box', async () => {
  const { core, url } = await box.core();
  const token = await tokenFor('esco');
  const memory = await until(async () => {
    const seen = (await (await get(`${url}/api/v1/points`, token)).json()) as { path: string; value: number | null }[];
    return seen.find(({ path, value }) => path === 'box/memory/used' && value !== null);
  });
  expect(memory.value! % 1_000_000).toBe(0);

  type Grants = Record<'points' | 'history', Record<string, unknown>[]> & Record<string, unknown>;
  const grants = await json<Grants>(['grants', 'esco']);
  expect(grants).toMatchObject({
    role: 'esco',
    purpose: 'advice',
    principals: ['esco'],
    events: ['box/#'],
    commands: [],
  });
  const at = (path: string) => grants.points.find((point) => point['path'] === path);
  expect(at('box/memory/used')).toMatchObject({ unit: 'By', round: 1_000_000, value: expect.any(Number) });
  expect(at('box/cpu/load')).toMatchObject({ every: '1h', as: 'mean' });
  expect(at('box/disk/free')).toBeUndefined();
  expect(grants.history).toContainEqual({ path: 'box/memory/used', every: '15m', as: 'mean' });
  expect((await box.smx(['grants', 'esco'])).out).toMatch(/box\/memory\/used .*raw, steps of 1000000/);
  expect((await box.smx(['grants', 'nobody'])).err).toContain('SMX_ACCESS_ROLE_UNKNOWN');

  for (const path of ['grants', 'grants/esco', 'ledger', 'ledger/verify', 'metrics'])
    expect((await get(`${url}/api/v1/${path}`, token)).status).toBe(403);
  const owner = await tokenFor('owner');
  const metrics = await (await get(`${url}/api/v1/metrics`, owner)).text();
  expect(metrics).toMatch(/^# TYPE smx_samples_total counter\nsmx_samples_total [1-9]/m);
  expect(metrics).toMatch(/^smx_points [1-9]/m);
  expect(metrics).toMatch(/^smx_store_up 1$/m);
  expect(metrics).toMatch(/^smx_http_problems_total\{code="SMX_ACCESS_DENIED"\} 5$/m);
  for (const line of metrics.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [-+\d.e]+)$/);

  expect((await box.smx(['ledger', 'verify'])).out).toMatch(/whole: \d+ entries/);
  const page = await get(`${url}/api/v1/ledger?limit=1`, owner);
  expect(page.headers.get('link')).toContain('after=1>; rel="next"');
  expect((await page.json()) as Entry[]).toMatchObject([{ seq: 1 }]);
  const all = (await (await get(`${url}/api/v1/ledger`, owner)).json()) as Entry[];
  const last = (await (await get(`${url}/api/v1/ledger?last=2`, owner)).json()) as Entry[];
  expect(last).toEqual(all.slice(-2));
  expect((await get(`${url}/api/v1/ledger?last=2&limit=1`, owner)).status).toBe(400);
  // over HTTP too, the export is what verifies anywhere, and not the list
  const lines = async (path: string): Promise<string[]> =>
    (await (await get(`${url}/api/v1/${path}`, owner, 'application/x-ndjson')).text()).split('\n');
  expect(await verifyExport(await lines('ledger/export'))).toMatchObject({ ok: true });
  expect(await verifyExport(await lines('ledger'))).toMatchObject({ ok: false });
  const roles = (await (await get(`${url}/api/v1/grants`, owner)).json()) as Record<string, unknown>[];
  expect(roles.map(({ role }) => role)).toEqual(['esco', 'installer', 'owner', 'viewer']);
  expect(roles[0]).toEqual({ role: 'esco', purpose: 'advice', authority: 'controller', principals: ['esco'] });

  await stop(core);
  expect((await box.smx(['ledger', 'verify'])).status).toBe(0);
  const { out } = await box.smx(['ledger', 'export']);
  const entries = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
    .filter((line) => 'seq' in line);
  const given = entries.filter(({ kind, principal }) => kind === 'disclosure' && principal === 'esco');
  expect(given[0]!.data.reads).toEqual([
    expect.objectContaining({ grant: 1, every: 'raw', round: 1_000_000 }),
    expect.objectContaining({ grant: 2, every: '1h', as: 'mean', points: ['box/cpu/load'] }),
  ]);
  expect(JSON.stringify(given)).not.toContain('box/disk/free');
  const denied = entries.filter(({ kind, principal }) => kind === 'denial' && principal === 'esco');
  expect(denied.map(({ data }) => data)).toContainEqual(expect.objectContaining({ what: 'manage ledger', count: 2 }));
  const mine = (await box.smx(['ledger', 'export', '--party', 'esco'])).out.trimEnd().split('\n');
  expect(new Set(mine.map((line) => (JSON.parse(line) as Entry).principal))).toEqual(new Set(['esco']));

  const verdict = await verifyExport(out.split('\n'));
  expect(verdict).toMatchObject({ ok: true, entries: entries.length, keys: [expect.any(String)] });
  const file = join(box.folder, 'export.ndjson');
  writeFileSync(file, out);
  const verify = (...more: string[]) => box.smx(['ledger', 'verify', '--export', file, ...more]);
  expect((await verify('--key', verdict.keys[0]!)).status).toBe(0);
  expect((await verify('--key', '0123456789abcdef')).status).toBe(1);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"esco"', '"dso"'));
  expect(await verify()).toMatchObject({
    status: 1,
    out: expect.stringContaining('not whole'),
  });
});

it('writes into the ledger how the roles differ from those of the last start', async () => {
  const changes = async (): Promise<unknown[]> => {
    await stop((await box.core()).core);
    const { out } = await box.smx(['ledger', 'export']);
    return out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry)
      .filter(({ kind, principal }) => kind === 'grant' && principal === 'core')
      .map(({ data }) => data);
  };
  expect(await changes()).toMatchObject([{ changes: [{ role: 'esco', before: null, after: { purpose: 'advice' } }] }]);
  expect(await changes()).toHaveLength(1);
  writeFileSync(join(box.folder, 'roles.yaml'), ROLES.replace('every: 1h', 'every: 1m').replace('esco:', 'esco2:'));
  expect((await changes())[1]).toMatchObject({
    roles: expect.stringMatching(/^[0-9a-f]{64}$/),
    changes: [
      { role: 'esco', after: null },
      { role: 'esco2', before: null, after: { grants: [{}, { every: 60_000 }, {}, {}] } },
    ],
  });
});
