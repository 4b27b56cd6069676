import { mkdtempSync, readFileSync, rmSync, statSync, existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '@smx-edge/datastore';
import { silentLog, systemClock, Zone, type LedgerEntry } from '@smx-edge/model';
import { loadConfig } from '../../config/index.js';
import { startCore, type Core } from '../../core/core.js';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are compared whole: a type would only repeat it
  readonly json: any;
}

let folder: string;
let core: Core;

const ask = (
  path: string,
  o: {
    method?: string;
    body?: unknown;
    raw?: string;
    headers?: Record<string, string>;
    /** Address of this machine to come from. */
    from?: string;
    /** Called with the head of the answer. */
    begun?: () => void;
  } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = o.raw ?? (o.body === undefined ? undefined : JSON.stringify(o.body));
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request(
      `${core.url}${path}`,
      {
        method: o.method ?? 'GET',
        headers: { ...type, ...o.headers },
        ...(o.from === undefined ? {} : { localAddress: o.from }),
      },
      (r) => {
        o.begun?.();
        let text = '';
        r.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        r.on('error', reject);
        r.on('end', () => {
          const json: unknown =
            /json/.test(r.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: r.statusCode!, headers: r.headers, text, json });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

/** An event stream that is open; `ended` gives all it said. */
const streaming = (cookie: string): Promise<{ readonly ended: Promise<Answer> }> =>
  new Promise((resolve, reject) => {
    const ended: Promise<Answer> = ask('/api/v1/stream', { headers: { cookie }, begun: () => resolve({ ended }) });
    ended.catch(reject);
  });

const start = async (): Promise<void> => {
  core = await startCore({ loaded: loadConfig(join(folder, 'smx.yaml')), log: silentLog });
};
const login = (name: string, password: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('/api/v1/session', { method: 'POST', body: { name, password }, headers });
const cookieOf = ({ headers }: Answer): string => headers['set-cookie']![0]!.split(';')[0]!;
const PASSWORD = 'correct horse';

/** What the ledger holds once the core has ended. */
async function ledger(): Promise<LedgerEntry[]> {
  await core.stop();
  const store = await Store.open({
    dir: join(folder, 'var'),
    clock: systemClock,
    zone: new Zone('UTC'),
    log: silentLog,
    flush: 10_000,
    budget: 1e8,
    raw: 1e9,
  });
  try {
    return await store.ledger({});
  } finally {
    await store.close();
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smx-session-'));
  writeFileSync(join(folder, 'smx.yaml'), 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: null\n');
  await start();
});

afterEach(async () => {
  await core.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('set-up', () => {
  const file = (): string => join(folder, 'var/setup');
  const code = (): string => readFileSync(file(), 'utf8').trim();

  it('gives one owner for the code in the data folder, once', async () => {
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect((await ask('/api/v1/session')).json).toMatchObject({ status: 401, code: 'SMX_ACCESS_SETUP' });
    const wish = { name: 'anna', password: PASSWORD };
    const wrong = await ask('/api/v1/session', { method: 'POST', body: { ...wish, setup: 'AAAAA-AAAAA-AAAAA-AAAAA' } });
    expect([wrong.status, wrong.json.code]).toEqual([401, 'SMX_ACCESS_SETUP']);
    const body = { ...wish, setup: code() };
    const weak = await ask('/api/v1/session', { method: 'POST', body: { ...body, password: 'short' } });
    expect([weak.status, weak.json.code]).toEqual([400, 'SMX_ACCESS_PASSWORD']);
    const both = await Promise.all([1, 2].map(() => ask('/api/v1/session', { method: 'POST', body })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    const made = both.find(({ status }) => status === 200)!;
    expect(made.json).toMatchObject({ principal: 'anna', kind: 'user', role: 'owner' });
    expect(existsSync(file())).toBe(false);
    expect((await ask('/api/v1/session', { method: 'POST', body })).status).toBe(401);
    expect((await ask('/api/v1/session')).json.code).toBe('SMX_ACCESS_UNAUTHENTICATED');
    expect((await ask('/api/v1/points', { headers: { cookie: cookieOf(made) } })).status).toBe(200);
  });

  it('keeps an unused code over a restart, and makes a new one where the last user goes', async () => {
    const first = code();
    await core.stop();
    await start();
    expect(code()).toBe(first);
    await core.principals.createUser({ name: 'anna', role: 'owner', password: PASSWORD });
    expect(existsSync(file())).toBe(false);
    await core.principals.revoke('anna');
    expect(code()).not.toBe(first);
  });
});

describe('a user', () => {
  beforeEach(async () => {
    await core.principals.createUser({ name: 'anna', role: 'owner', password: PASSWORD });
    await core.principals.createUser({ name: 'ben', role: 'viewer', password: PASSWORD });
  });

  it('logs in, is told who it is, keeps its rights after a restart of the core, and logs out', async () => {
    const made = await login('ben', PASSWORD);
    expect(made.json).toMatchObject({ principal: 'ben', role: 'viewer', manages: [], site: 'test', timezone: 'UTC' });
    const attributes = made.headers['set-cookie']![0]!;
    expect(attributes).toMatch(/^smx=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    const cookie = cookieOf(made);
    expect((await ask('/api/v1/session', { headers: { cookie } })).json.principal).toBe('ben');
    expect((await ask('/api/v1/users', { headers: { cookie } })).status).toBe(403);
    const out = await ask('/api/v1/session', { method: 'DELETE', headers: { cookie } });
    expect([out.status, out.headers['set-cookie']![0]]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await ask('/api/v1/session', { headers: { cookie } })).status).toBe(401);
    await core.stop();
    await start();
    expect((await ask('/api/v1/session', { headers: { cookie: cookieOf(await login('ben', PASSWORD)) } })).status).toBe(
      200,
    );
  });

  it('is refused for a wrong password as one that does not exist is, and the ledger names only those that do', async () => {
    const wrong = await login('anna', 'wrong password');
    const nobody = await login('carl', 'wrong password');
    expect(nobody.json).toEqual(wrong.json);
    expect([wrong.status, wrong.json.code, wrong.headers['set-cookie']]).toEqual([401, 'SMX_ACCESS_LOGIN', undefined]);
    await login('anna', PASSWORD);
    const entries = await ledger();
    const what = 'login with a wrong name or password';
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'denial', principal: 'anna', data: expect.objectContaining({ what, count: 1 }) }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        kind: 'denial',
        principal: 'unknown',
        data: expect.objectContaining({ what, count: 1 }),
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'login', principal: 'anna', data: { via: 'page', count: 1 } }),
    );
    expect(JSON.stringify(entries)).not.toMatch(/carl|correct horse|wrong password"/);
  });

  it('ends its sessions and streams with its password', async () => {
    const cookie = cookieOf(await login('anna', PASSWORD));
    const stream = await streaming(cookie);
    const changed = await ask('/api/v1/users/anna/password', {
      method: 'POST',
      body: { password: 'another password' },
      headers: { cookie },
    });
    expect(changed.status).toBe(204);
    expect((await stream.ended).text).toContain('event: end');
    expect((await ask('/api/v1/session', { headers: { cookie } })).status).toBe(401);
    expect((await login('anna', PASSWORD)).status).toBe(401);
    expect((await login('anna', 'another password')).status).toBe(200);
  });

  it('loses its open stream where it logs out', async () => {
    const cookie = cookieOf(await login('anna', PASSWORD));
    const stream = await streaming(cookie);
    await ask('/api/v1/session', { method: 'DELETE', headers: { cookie } });
    expect((await stream.ended).text).toContain('SMX_ACCESS_UNAUTHENTICATED');
  });

  it('cannot be made to act by another site', async () => {
    const cookie = cookieOf(await login('anna', PASSWORD));
    const body = { name: 'eve', role: 'owner', password: PASSWORD };
    const post = (headers: Record<string, string>): Promise<Answer> =>
      ask('/api/v1/users', { method: 'POST', body, headers: { cookie, ...headers } });
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: core.url },
    ] as Record<string, string>[]) {
      const { status, json } = await post(headers);
      expect([status, json.code]).toEqual([403, 'SMX_HTTP_CROSS_SITE']);
    }
    const form = await ask('/api/v1/users', {
      method: 'POST',
      raw: JSON.stringify(body),
      headers: { cookie, 'content-type': 'text/plain' },
    });
    expect(form.status).toBe(415);
    expect((await login('anna', PASSWORD, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('/api/v1/users', { headers: { cookie } })).json).toHaveLength(2);
    expect((await post({ origin: core.url, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const denied = (await ledger()).filter(({ kind }) => kind === 'denial');
    expect(denied).toContainEqual(
      expect.objectContaining({
        principal: 'anna',
        data: expect.objectContaining({ what: 'cross-site request', count: 4 }),
      }),
    );
  });

  it('is not guessed: ten tries a minute whoever makes them, refused, counted, ledgered, and nobody else is held up', async () => {
    const guess = (i: number): Promise<Answer> =>
      // every address has ten tries of its own as well, so that they come from two
      ask('/api/v1/session', {
        method: 'POST',
        body: { name: 'anna', password: `guess number ${i}` },
        from: `127.0.0.${2 + (i % 2)}`,
      });
    const answers = await Promise.all(Array.from({ length: 14 }, (_, i) => guess(i)));
    const codes = answers.map(({ json }) => json.code).sort();
    expect(codes).toEqual([...Array(4).fill('SMX_HTTP_RATE'), ...Array(10).fill('SMX_ACCESS_LOGIN')].sort());
    const late = answers.filter(({ status }) => status === 429);
    expect(late.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    // the right password does not come through the door that guesses have shut
    expect((await login('anna', PASSWORD)).status).toBe(429);
    const other = await login('ben', PASSWORD);
    expect(other.status).toBe(200);
    expect((await ask('/api/v1/points', { headers: { cookie: cookieOf(other) } })).status).toBe(200);
    const { token } = await core.principals.createToken({ role: 'owner', name: 'meters' });
    const { text } = await ask('/api/v1/metrics', { headers: { authorization: `Bearer ${token}` } });
    expect(text).toContain('smx_http_problems_total{code="SMX_ACCESS_LOGIN"} 10');
    expect(text).toContain('smx_http_problems_total{code="SMX_HTTP_RATE"} 5');
    const denied = (await ledger()).filter(({ kind, principal }) => kind === 'denial' && principal === 'anna');
    const counts = new Map<unknown, number>();
    for (const { data } of denied) {
      const { what, count } = data as { what: string; count: number };
      counts.set(what, (counts.get(what) ?? 0) + count);
    }
    expect(counts).toEqual(
      new Map([
        ['login with a wrong name or password', 10],
        ['login guessed too often', 5],
      ]),
    );
  });

  it.each(['smx=', `smx=${'A'.repeat(43)}`, `smx=${'A'.repeat(4000)}`, 'smx=../../etc', 'x; smx=%00; y=1'])(
    'is not forged by the cookie %.20s',
    async (cookie) => {
      expect((await ask('/api/v1/points', { headers: { cookie } })).status).toBe(401);
      const denied = (await ledger()).filter(({ kind }) => kind === 'denial');
      expect(denied).toMatchObject([{ principal: 'unknown', data: { what: 'http with a wrong session', count: 1 } }]);
    },
  );

  it.each([
    ['too large', `{"name":"${'a'.repeat(300_000)}"}`, 413],
    ['too deep', '['.repeat(200) + ']'.repeat(200), 400],
    ['no JSON', '{"name":', 400],
    ['no object', '[]', 400],
    ['of other types', '{"name":1,"password":{}}', 400],
    ['of other members', '{"name":"anna","password":"x","__proto__":1,"admin":true}', 400],
  ])('is not let in by a body that is %s', async (_what, raw, status) => {
    const refused = await ask('/api/v1/session', { method: 'POST', raw });
    expect(refused.status).toBe(status);
    expect((await ask('/health/live')).status).toBe(200);
    expect((await login('anna', PASSWORD)).status).toBe(200);
    expect((await ledger()).filter(({ kind }) => kind === 'denial')).toMatchObject([
      { principal: 'unknown', data: { what: `http ${String(refused.json.code)}`, count: 1 } },
    ]);
  });
});
