import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate, LoginGuard, parseRoles, Principals, type PrincipalStore } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import {
  SampleBatch,
  silentLog,
  SmxError,
  STALE,
  systemClock,
  Zone,
  type EventRecord,
  type HistoryRow,
  type HistorySource,
  type PrincipalRecord,
} from '@smx-edge/model';
import type { InstanceAnswer, LinkAnswer } from './answers.js';
import type { Doors, InstanceDesk } from './doors.js';
import { OPERATIONS } from './operations.js';
import { startHttp, type HttpServer } from './server.js';
import { Sessions } from './session/sessions.js';

const twiceAnHour = (grant: object): object => ({ ...grant, 'max-rate': '2/h' });

const ROLES = parseRoles({
  roles: {
    volts: { grants: [{ read: ['pcc/voltage/l1'], events: ['pcc/voltage/#'] }] },
    means: {
      grants: [
        { read: ['pcc/power/#'], every: '1h' },
        { history: ['pcc/power/#'], every: '15m' },
      ],
    },
    caller: { grants: [{ call: ['p1/status'] }] },
    agent: { grants: [{ call: ['#', 'p1/#'] }] },
    watcher: { grants: [{ call: ['p1/scope'] }] },
    seldom: { grants: [{ call: ['p1/status'] }, { events: ['#'] }, { manage: ['extensions'] }].map(twiceAnHour) },
    nothing: {},
  },
});

/** Rows of a point's raw history, one per second; counts what was read so that streaming shows. */
class Shelf implements HistorySource {
  rows = 0;
  chunks = 1;
  fail = false;
  async *history(): AsyncIterable<readonly HistoryRow[]> {
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      if (this.fail && chunk > 0) throw new SmxError('SMX_STORE_FAILED', 'the card is gone');
      this.rows += 1000;
      yield Array.from(
        { length: 1000 },
        (_, i): HistoryRow =>
          [(chunk * 1000 + i) * 1000, i, ...(i === 1 ? (['uncertain'] as const) : [])] as HistoryRow,
      );
    }
  }
}

class Desk implements InstanceDesk {
  restarted: string[] = [];
  called: unknown[] = [];
  list = (): InstanceAnswer[] => [
    {
      id: 'p1',
      use: 'p1-reader',
      state: 'failed',
      since: 5,
      reason: 'no line',
      code: 'SMX_EXTENSION_START',
      calls: ['status'] as readonly string[],
    } as InstanceAnswer,
  ];
  async restart(id: string): Promise<void> {
    this.restarted.push(id);
  }
  /** Whether an instance is up; its calls, and what they are narrowed by, are known only then. */
  isUp = true;
  async settled(): Promise<void> {
    this.isUp = true;
  }
  async call(id: string, name: string, args: unknown): Promise<unknown> {
    this.called.push([id, name, args]);
    return 'text';
  }
  callDetail = (_id: string, _name: string, args: unknown): string | undefined =>
    this.isUp ? (args as { action?: string } | null | undefined)?.action : undefined;
  isPlainCall = (_id: string, _name: string, detail: string): boolean => detail === 'GetConfiguration';
  isPersonalCall = (_id: string, name: string): boolean => name === 'scope';
}

let live: LiveTable;
let gate: Gate;
let principals: Principals;
let shelf: Shelf;
let desk: Desk;
let events: EventRecord[];
let commands: Awaited<ReturnType<Doors['control']['list']>>;
let links: LinkAnswer[];
let server: HttpServer;
let ready: boolean;
let tokens: Record<string, string>;
const handles: Record<string, number> = {};

const ingest = (values: Record<string, number>, quality = 0): void => {
  const batch = new SampleBatch();
  batch.clear(Date.now());
  for (const [path, value] of Object.entries(values)) {
    const i = batch.add(handles[path]!);
    batch.number[i] = value;
    batch.quality[i] = quality;
  }
  live.ingest(batch);
};

beforeEach(async () => {
  const clock = systemClock;
  const zone = new Zone('Europe/Rome');
  const ledger = { append: () => undefined };
  live = new LiveTable({ clock });
  for (const path of ['pcc/voltage/l1', 'pcc/voltage/l1-l2', 'pcc/power/active', 'pcc/serial'])
    handles[path] = live.declare({
      path,
      device: 'pcc',
      instance: 'p1',
      unit: path.includes('voltage') ? 'V' : 'W',
      type: 'number',
      kind: 'measurement',
      maxAge: 0,
      ...(path === 'pcc/serial' ? { personal: true } : {}),
    });
  live.setDevice({ name: 'pcc', instance: 'p1', kind: 'meter', online: true, since: 1, serial: 'S1' });
  shelf = new Shelf();
  gate = new Gate({ live, clock, zone, history: shelf, ledger, log: silentLog });
  gate.setRoles(ROLES);
  const records = new Map<string, PrincipalRecord>();
  const store: PrincipalStore = {
    principals: () => [...records.values()],
    putPrincipal: async (record) => void records.set(record.name, record),
    removePrincipal: async (name) => void records.delete(name),
  };
  principals = new Principals({ store, clock, ledger, roles: () => ROLES, reserved: () => ['p1'] });
  principals.onChange((kind, record) =>
    kind === 'added' ? gate.putPrincipal(record) : gate.removePrincipal(record.name),
  );
  tokens = {};
  for (const role of ['owner', 'viewer', 'volts', 'means', 'caller', 'agent', 'watcher', 'seldom', 'nothing'])
    tokens[role] = (await principals.createToken({ role })).token;
  events = [];
  commands = [];
  links = [];
  desk = new Desk();
  ready = false;
  const doors: Doors = {
    gate,
    principals,
    proof: { principalOf: (token) => (token === 'local-secret' ? 'owner' : undefined) },
    logins: new LoginGuard({ book: principals, clock, deny: (who, what) => gate.deny(who, what) }),
    sessions: new Sessions({ principals, clock }),
    setup: { isNeeded: false, makeOwner: () => Promise.reject(new SmxError('SMX_ACCESS_SETUP', 'used')) },
    ledger: {
      ...ledger,
      ledger: async () => [],
      verifyLedger: async () => ({ ok: true, entries: 0, rows: 0, profiles: 0, seals: 0, keys: [], faults: [] }),
      evidence: async function* () {
        yield* [];
      },
    },
    problems: new Map(),
    metrics: { text: () => '' },
    vault: {
      backup: async function* ({ secrets, by }) {
        yield Buffer.from(`archive of ${by}${secrets ? ' with secrets' : ''}`);
      },
      erase: async ({ match, before }) => ({ points: match === 'pcc/#' ? 2 : 0, samples: before, windows: 1 }),
    },
    events: {
      events: async ({ after = 0, limit = 1e9 }) => events.filter(({ id }) => id > after).slice(0, limit),
      eventFile: async () => undefined,
    },
    profiles: { find: () => undefined, rows: async () => [] },
    instances: desk,
    links: { list: () => links },
    workshop: {
      extensions: [],
      discover: async () => false,
      record: () => {
        throw new SmxError('SMX_EXTENSION_UNKNOWN', 'there is no such instance');
      },
    },
    // commands are tried on real devices in test/e2e/commands.spec.ts
    control: {
      submit: () => Promise.reject(new SmxError('SMX_COMMAND_UNREACHABLE', 'there is no device')),
      find: async () => undefined,
      cancel: async () => undefined,
      schedules: {
        submit: () => Promise.reject(new SmxError('SMX_COMMAND_UNREACHABLE', 'there is no device')),
        of: () => [],
        cancel: () => undefined,
      },
      open: () => commands.map(({ record }) => record).filter(({ over }) => over !== true),
      list: async ({ principal, before = Infinity, limit = 1000 }) =>
        commands
          .filter(({ seq, record }) => seq < before && (principal ?? record.principal) === record.principal)
          .slice(0, limit),
    },
    handleOf: (path) => live.handleOf(path),
    health: {
      ready: () => ready,
      answer: () => ({ status: 'ready', site: 's', version: '0', since: 0, parts: {}, problems: [] }),
    },
    site: 'test',
    zone,
    clock,
    log: silentLog,
    rate: 20,
  };
  server = await startHttp({ host: '127.0.0.1', port: 0, tls: null }, doors);
});

afterEach(async () => {
  await server.stop();
  principals.close();
  gate.close();
  live.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are compared whole: a type would only repeat it
  readonly json: any;
}

const ask = (
  path: string,
  options: { as?: string; method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { as, method = 'GET', body, headers = {} } = options;
    const auth = as === undefined ? {} : { authorization: `Bearer ${tokens[as] ?? as}` };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request(`${server.url}${path}`, { method, headers: { ...auth, ...type, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          json: isJson && text !== '' ? JSON.parse(text) : undefined,
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(5);
};

describe('without a principal', () => {
  it.each(OPERATIONS.filter(({ open }) => open !== true).map(({ method, path }) => [method, path] as const))(
    '%s %s is 401',
    async (method, path) => {
      const answer = await ask(path.replaceAll(/\{(\w+)\+?\}/g, 'x'), {
        method,
        ...(method === 'POST' ? { body: '{}' } : {}),
      });
      expect(answer.status).toBe(401);
      expect(answer.json.code).toBe('SMX_ACCESS_UNAUTHENTICATED');
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    },
  );

  it.each(['/api/v1/nothing', '/etc/passwd', '/api', '//', '/health', '/health/live/x'])(
    '%s is 401 as well, so that nothing tells what exists',
    async (path) => {
      expect((await ask(path)).status).toBe(401);
    },
  );

  it.each(['wrong', 'smx_' + 'A'.repeat(43), '', 'Bearer'])('a wrong token %s is 401', async (token) => {
    expect((await ask('/api/v1/points', { as: token })).status).toBe(401);
  });

  it('live and ready answer, with status only', async () => {
    expect(await ask('/health/live')).toMatchObject({ status: 200, json: { status: 'live' } });
    expect(await ask('/health/ready')).toMatchObject({ status: 503, json: { status: 'starting' } });
    ready = true;
    expect((await ask('/health/ready')).json).toEqual({ status: 'ready' });
  });

  it('what is open answers HEAD as it answers GET, and the rest does not', async () => {
    for (const [path, status] of [
      ['/health/live', 200],
      ['/health/ready', 503],
      ['/', 200],
      ['/api/v1/points', 401],
      ['/api/v1/session', 401],
    ] as const)
      expect(await ask(path, { method: 'HEAD' })).toMatchObject({ status, text: '' });
  });

  it('the page is there and keeps browsers strict', async () => {
    const { status, headers, text } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|style=| on\w+=/);
    const again = await ask('/', { headers: { 'if-none-match': String(headers.etag) } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('files of the page keep for ever, come compressed to who takes it, and are no way to others', async () => {
    const { text } = await ask('/');
    const files = [...text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const plain = await ask(file);
      expect([plain.status, plain.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      const packed = await ask(file, { headers: { 'accept-encoding': 'br, gzip' } });
      expect([packed.headers['content-encoding'], packed.headers['content-type']]).toEqual([
        'gzip',
        plain.headers['content-type'],
      ]);
      expect(
        (await ask(file, { headers: { 'accept-encoding': 'gzip;q=0' } })).headers['content-encoding'],
      ).toBeUndefined();
    }
    for (const other of ['index.html', `${files[0]!.slice(8)}.gz`, '..%2findex.html', '%00', 'x'])
      expect([other, (await ask(`/assets/${other}`)).status]).toEqual([other, 404]);
  });

  it('wrong tokens are slowed down, right ones are not', async () => {
    let refused: Answer | undefined;
    for (let i = 0; i < 30 && refused === undefined; i++) {
      const answer = await ask('/api/v1/points', { as: 'wrong' });
      if (answer.status === 429) refused = answer;
    }
    expect(refused?.json.code).toBe('SMX_HTTP_RATE');
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/api/v1/points', { as: 'viewer' })).status).toBe(200);
  });
});

describe('points', () => {
  it('gives what the role grants and nothing else', async () => {
    ingest({ 'pcc/voltage/l1': 230.4, 'pcc/voltage/l1-l2': 400, 'pcc/power/active': 5, 'pcc/serial': 1 });
    expect((await ask('/api/v1/points', { as: 'volts' })).json).toEqual([
      {
        path: 'pcc/voltage/l1',
        unit: 'V',
        kind: 'measurement',
        type: 'number',
        obis: null,
        value: 230.4,
        t: expect.any(Number),
        quality: 'good',
      },
    ]);
    expect((await ask('/api/v1/points', { as: 'nothing' })).json).toEqual([]);
    const all = (await ask('/api/v1/points', { as: 'viewer' })).json.map(({ path }: { path: string }) => path);
    expect(all).toEqual(['pcc/power/active', 'pcc/voltage/l1', 'pcc/voltage/l1-l2']);
  });

  it('gives windows, never raw values, where windows are granted', async () => {
    ingest({ 'pcc/power/active': 777 });
    const { json, text } = await ask('/api/v1/points', { as: 'means' });
    expect(json).toEqual([expect.objectContaining({ path: 'pcc/power/active', every: '1h', as: 'mean', value: null })]);
    expect(text).not.toContain('777');
    // a newcomer is told how long he waits
    expect(json[0].next % 3_600_000).toBe(0);
    expect(json[0].reason).toContain(new Date(json[0].next).toISOString().slice(0, 19));
  });

  it('says null and why where there is no value', async () => {
    const [point] = (await ask('/api/v1/points', { as: 'volts' })).json;
    expect(point).toMatchObject({ value: null, t: 0, quality: 'bad', reason: 'no value yet' });
  });

  it('answers 404 for unknown and for not granted alike', async () => {
    ingest({ 'pcc/power/active': 777 });
    const unknown = await ask('/api/v1/points/pcc/nothing', { as: 'volts' });
    const hidden = await ask('/api/v1/points/pcc/power/active', { as: 'volts' });
    const odd = await ask('/api/v1/points/%E0%A4%A', { as: 'volts' });
    const wild = await ask('/api/v1/points/%23', { as: 'volts' });
    expect(unknown.status).toBe(404);
    expect([hidden.text, wild.text]).toEqual([unknown.text, unknown.text]);
    expect([odd.status, odd.json.code]).toEqual([404, 'SMX_HTTP_NOT_FOUND']);
    expect((await ask('/api/v1/points/%E0%A4%A')).status).toBe(401);
    expect((await ask('/api/v1/points/pcc/voltage/l1', { as: 'volts' })).json.path).toBe('pcc/voltage/l1');
  });

  it('matches topic filters and says what is wrong with one', async () => {
    const paths = async (match: string) =>
      (await ask(`/api/v1/points?match=${encodeURIComponent(match)}`, { as: 'viewer' })).json.map(
        ({ path }: { path: string }) => path,
      );
    expect(await paths('pcc/voltage/#')).toEqual(['pcc/voltage/l1', 'pcc/voltage/l1-l2']);
    expect(await paths('pcc/+')).toEqual([]);
    const wrong = await ask(`/api/v1/points?match=${encodeURIComponent('pcc/#/x')}&mach=1&match=y`, { as: 'viewer' });
    expect(wrong.status).toBe(400);
    expect(wrong.json.code).toBe('SMX_HTTP_BAD_REQUEST');
    expect(wrong.json.errors.map(({ path }: { path: string }) => path)).toEqual(['query.match', 'query.mach']);
  });

  it('pages by Link', async () => {
    const first = await ask('/api/v1/points?limit=2', { as: 'viewer' });
    expect(first.json).toHaveLength(2);
    const next = /^<(.*)>; rel="next"$/.exec(String(first.headers.link))![1]!;
    const second = await ask(next, { as: 'viewer' });
    expect(second.json.map(({ path }: { path: string }) => path)).toEqual(['pcc/voltage/l1-l2']);
    expect(second.headers.link).toBeUndefined();
  });

  it('gives devices without what only their serial point tells', async () => {
    expect((await ask('/api/v1/devices', { as: 'volts' })).json).toEqual([
      { name: 'pcc', instance: 'p1', kind: 'meter', online: true, since: 1 },
    ]);
    expect((await ask('/api/v1/devices', { as: 'owner' })).json[0].serial).toBe('S1');
    expect((await ask('/api/v1/devices', { as: 'nothing' })).json).toEqual([]);
  });
});

describe('history', () => {
  it('comes as JSON and as CSV', async () => {
    const { json } = await ask('/api/v1/history?match=pcc/voltage/l1&from=0&to=999999', { as: 'viewer' });
    expect(json.points['pcc/voltage/l1'].slice(0, 2)).toEqual([
      [0, 0],
      [1000, 1, 'uncertain'],
    ]);
    const csv = await ask('/api/v1/history?match=pcc/voltage/l1&from=0&to=999999', {
      as: 'viewer',
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.text.split('\r\n').slice(0, 3)).toEqual([
      'path,t,time,value,quality',
      'pcc/voltage/l1,0,1970-01-01T00:00:00.000Z,0,good',
      'pcc/voltage/l1,1000,1970-01-01T00:00:01.000Z,1,uncertain',
    ]);
  });

  it('gives several points and an empty answer as valid JSON', async () => {
    expect(Object.keys((await ask('/api/v1/history?from=0&to=1', { as: 'viewer' })).json.points)).toHaveLength(3);
    expect((await ask('/api/v1/history?from=0&to=1', { as: 'volts' })).json).toEqual({ points: {} });
    shelf.chunks = 0;
    expect((await ask('/api/v1/history?match=pcc/voltage/l1&from=0&to=1', { as: 'viewer' })).json).toEqual({
      points: { 'pcc/voltage/l1': [] },
    });
  });

  it('refuses what is finer than granted', async () => {
    for (const query of ['every=1m', 'every=20m'])
      expect(
        (await ask(`/api/v1/history?match=pcc/power/active&from=0&to=1&${query}`, { as: 'means' })).json.code,
      ).toBe('SMX_ACCESS_TOO_FINE');
    expect(
      (await ask('/api/v1/history?match=pcc/power/active&from=0&to=1&every=1h&as=max', { as: 'means' })).status,
    ).toBe(403);
  });

  it('takes times as users write them', async () => {
    for (const from of [
      '2026-03-29',
      '2026-03-29T01:59:59',
      '2026-03-29T00:00:00Z',
      '2026-03-29T00:00:00%2B02:00',
      '1h',
      '-1h',
      '1774738800000',
    ])
      expect((await ask(`/api/v1/history?match=pcc/voltage/l1&from=${from}&to=now`, { as: 'viewer' })).status).toBe(
        200,
      );
    for (const from of ['yesterday', '2026-13-01', '1e999', '99999999999999999999', ''])
      expect((await ask(`/api/v1/history?match=pcc/voltage/l1&from=${from}`, { as: 'viewer' })).json.code).toBe(
        'SMX_HTTP_BAD_REQUEST',
      );
    expect((await ask('/api/v1/history?from=10&to=5', { as: 'viewer' })).status).toBe(400);
  });

  it('is read only as fast as the reader takes it', async () => {
    shelf.chunks = 5000;
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.pause();
    socket.write(
      `GET /api/v1/history?match=pcc/voltage/l1&from=0&to=9 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens['viewer']!}\r\n\r\n`,
    );
    await until(() => shelf.rows > 0);
    let before = -1;
    while (before !== shelf.rows) {
      before = shelf.rows;
      await sleep(150);
    }
    // socket buffers hold a few MB, the whole answer would be 80 MB
    expect(shelf.rows).toBeLessThan(2_500_000);
    socket.destroy();
  });

  it('breaks off visibly where the store fails midway', async () => {
    shelf.chunks = 3;
    shelf.fail = true;
    await expect(ask('/api/v1/history?match=pcc/voltage/l1&from=0&to=1', { as: 'viewer' })).rejects.toThrow();
  });

  it('breaks off visibly where the token is revoked midway', async () => {
    shelf.chunks = 1_000_000;
    const reading = ask('/api/v1/history?match=pcc/voltage/l1&from=0&to=1', { as: 'viewer' });
    const broken = expect(reading).rejects.toThrow();
    await until(() => shelf.rows > 10_000);
    await principals.revoke('viewer');
    await broken;
  });
});

interface Stream {
  readonly text: () => string;
  readonly closed: () => boolean;
  readonly response: IncomingMessage;
}

const openStream = (as: string, query = ''): Promise<Stream> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}/api/v1/stream${query}`,
      { headers: { authorization: `Bearer ${tokens[as]!}` } },
      (response) => {
        let text = '';
        let closed = false;
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('close', () => (closed = true));
        response.on('error', () => (closed = true));
        resolve({ text: () => text, closed: () => closed, response });
      },
    );
    sent.on('error', reject);
    sent.end();
  });

const samples = (text: string): { path: string; v: unknown; t: number; q: string }[] =>
  [...text.matchAll(/event: sample\ndata: (.*)\n\n/g)].map(([, data]) => JSON.parse(data!) as never);

describe('stream', () => {
  it('gives values at once and then each change, granted ones only', async () => {
    ingest({ 'pcc/voltage/l1': 230, 'pcc/power/active': 777 });
    const stream = await openStream('volts');
    expect(stream.response.headers['content-type']).toContain('text/event-stream');
    await until(() => samples(stream.text()).length === 1);
    ingest({ 'pcc/voltage/l1': 231, 'pcc/voltage/l1-l2': 400, 'pcc/power/active': 778 }, STALE);
    await until(() => samples(stream.text()).length === 2);
    expect(samples(stream.text())).toEqual([
      { path: 'pcc/voltage/l1', v: 230, t: expect.any(Number), q: 'good' },
      { path: 'pcc/voltage/l1', v: 231, t: expect.any(Number), q: 'stale' },
    ]);
    expect(stream.text()).not.toMatch(/"v":(77|400)\b/);
    stream.response.destroy();
  });

  it('follows the filter', async () => {
    const stream = await openStream('viewer', '?match=pcc/voltage/%2B');
    ingest({ 'pcc/power/active': 1 });
    ingest({ 'pcc/voltage/l1': 5 });
    await until(() => samples(stream.text()).some(({ v }) => v === 5));
    expect(new Set(samples(stream.text()).map(({ path }) => path))).toEqual(
      new Set(['pcc/voltage/l1', 'pcc/voltage/l1-l2']),
    );
    stream.response.destroy();
  });

  it('ends within a second of revocation and says why', async () => {
    const stream = await openStream('volts');
    await principals.revoke('volts');
    await until(() => stream.closed());
    expect(stream.text()).toContain('event: end\ndata: {"code":"SMX_ACCESS_UNAUTHENTICATED"');
    ingest({ 'pcc/voltage/l1': 99 });
    expect(stream.text()).not.toContain('"v":99');
    expect((await ask('/api/v1/points', { as: 'volts' })).status).toBe(401);
  });

  it('tells of grants that end and of new points', async () => {
    const stream = await openStream('volts');
    gate.setRoles(parseRoles({ roles: { volts: { grants: [{ read: ['pcc/power/active'] }] } } }));
    await until(() => stream.text().includes('event: gone\ndata: {"path":"pcc/voltage/l1"}'));
    ingest({ 'pcc/voltage/l1': 99, 'pcc/power/active': 42 });
    await until(() => samples(stream.text()).some(({ v }) => v === 42));
    expect(stream.text()).not.toContain('"v":99');
    stream.response.destroy();
  });

  it('gives a slow reader the newest value, never a growing buffer', async () => {
    const message = live.declare({
      path: 'pcc/message',
      device: 'pcc',
      instance: 'p1',
      unit: null,
      type: 'string',
      kind: 'text',
      maxAge: 0,
    });
    const long = 'x'.repeat(8000);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens['viewer']!}\r\n\r\n`);
    await sleep(50);
    const changes = 6000;
    const batch = new SampleBatch();
    for (let n = 1; n <= changes; n++) {
      batch.clear(Date.now());
      batch.other.set(batch.add(message), `${n} ${long}`);
      live.ingest(batch);
      await new Promise(setImmediate);
    }
    let bytes = 0;
    let tail = '';
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-20_000);
    });
    socket.resume();
    await until(() => tail.includes(`"v":"${changes} `));
    // 48 MB were said; what the socket could not take was dropped, not kept
    expect(bytes).toBeLessThan((changes * long.length) / 2);
    socket.destroy();
  });

  it('bounds how many streams one principal opens', async () => {
    const open: Stream[] = [];
    for (let i = 0; i < 20; i++) open.push(await openStream('viewer'));
    expect((await ask('/api/v1/stream', { as: 'viewer' })).json.code).toBe('SMX_HTTP_RATE');
    expect((await openStream('volts')).response.statusCode).toBe(200);
    open[0]!.response.destroy();
    let status = 429;
    while (status === 429) {
      const again = await openStream('viewer');
      status = again.response.statusCode!;
    }
    expect(status).toBe(200);
  });

  it('ends when the core stops', async () => {
    const stream = await openStream('viewer');
    await server.stop();
    await until(() => stream.closed());
    expect(stream.text()).toContain('"code":"SMX_HTTP_UNREACHABLE"');
  });
});

describe('events', () => {
  beforeEach(() => {
    events = ['pcc/voltage/l1', 'pcc', 'pcc/voltage/l2', 'pcc/voltage/l3'].map((path, i) => ({
      id: i + 1,
      t: 1000 * i,
      path,
      code: 'sag',
      severity: 'info',
      state: 'once',
      text: '',
      files: [],
    }));
  });

  it('come filtered by grant and by match, in pages', async () => {
    const ids = async (query: string, as: string) =>
      (await ask(`/api/v1/events${query}`, { as })).json.map(({ id }: { id: number }) => id);
    expect(await ids('', 'viewer')).toEqual([1, 2, 3, 4]);
    expect(await ids('', 'volts')).toEqual([1, 3, 4]);
    expect(await ids('?match=pcc/voltage/l2', 'volts')).toEqual([3]);
    expect(await ids('', 'nothing')).toEqual([]);
    const first = await ask('/api/v1/events?limit=2', { as: 'volts' });
    expect(first.json.map(({ id }: { id: number }) => id)).toEqual([1, 3]);
    const next = /^<(.*)>; rel="next"$/.exec(String(first.headers.link))![1]!;
    const last = await ask(next, { as: 'volts' });
    expect(last.json.map(({ id }: { id: number }) => id)).toEqual([4]);
    expect(last.headers.link).toBeUndefined();
  });
});

describe('managed areas', () => {
  const managed = OPERATIONS.filter(({ manage }) => manage !== undefined).map(
    ({ method, path }) => [method, path] as const,
  );
  it.each(managed)('%s %s is refused to a role that does not manage it', async (method, path) => {
    const answer = await ask(path.replaceAll(/\{\w+\}/g, 'viewer'), {
      as: 'viewer',
      method,
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    expect(answer).toMatchObject({ status: 403, json: { code: 'SMX_ACCESS_DENIED' } });
    expect((await ask('/api/v1/points', { as: 'viewer' })).status).toBe(200);
  });

  it('extensions are listed and restarted', async () => {
    expect((await ask('/api/v1/extensions', { as: 'owner' })).json[0]).toMatchObject({ id: 'p1', reason: 'no line' });
    expect(await ask('/api/v1/extensions/p1/restart', { as: 'owner', method: 'POST' })).toMatchObject({
      status: 202,
      json: { id: 'p1' },
    });
    expect(desk.restarted).toEqual(['p1']);
  });

  it('calls go to who was granted them, and answer JSON', async () => {
    const post = (path: string, as: string, body?: string) =>
      ask(path, { as, method: 'POST', ...(body === undefined ? {} : { body }) });
    expect(await post('/api/v1/extensions/p1/calls/status', 'caller', '{"a":1}')).toMatchObject({
      status: 200,
      json: 'text',
    });
    expect(desk.called).toEqual([['p1', 'status', { a: 1 }]]);
    expect((await post('/api/v1/extensions/p1/calls/status', 'caller', '{"action":"Reset"}')).status).toBe(403);
    desk.isUp = false;
    expect((await post('/api/v1/extensions/p1/calls/status', 'caller', '{"action":"Reset"}')).status).toBe(403);
    expect((await post('/api/v1/extensions/p1/calls/inject', 'caller')).json.code).toBe('SMX_ACCESS_DENIED');
    expect((await post('/api/v1/extensions/none/calls/inject', 'caller')).status).toBe(403);
    expect(desk.called).toHaveLength(1);
    // the grant without a detail gives what the extension calls plain, and nothing else
    const plain = await post('/api/v1/extensions/p1/calls/status', 'caller', '{"action":"GetConfiguration"}');
    expect([plain.status, desk.called.length]).toEqual([200, 2]);
    const other = await post('/api/v1/extensions/p1/calls/reset', 'caller', '{"action":"GetConfiguration"}');
    expect(other.status).toBe(403);
  });

  it.each([
    ['owner', 'scope', 200],
    ['watcher', 'scope', 200],
    ['agent', 'scope', 403],
    ['agent', 'status', 200],
  ])('a call that tells of a person needs its full name: %s and %s', async (as, name, status) => {
    const answer = await ask(`/api/v1/extensions/p1/calls/${name}`, { as, method: 'POST', body: '{}' });
    expect([answer.status, desk.called.length]).toEqual([status, status === 200 ? 1 : 0]);
  });

  it.each([
    ['/api/v1/extensions/p1/calls/status', 'POST'],
    ['/api/v1/extensions', 'GET'],
    ['/api/v1/events', 'GET'],
  ])('%s is answered as often as the grant says, and 429 beyond', async (path, method) => {
    const request = () => ask(path, { as: 'seldom', method, ...(method === 'POST' ? { body: '{}' } : {}) });
    expect([(await request()).status, (await request()).status]).toEqual([200, 200]);
    const { status, json, headers } = await request();
    expect([status, json.code]).toEqual([429, 'SMX_HTTP_RATE']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(60);
    expect(desk.called).toHaveLength(method === 'POST' ? 2 : 0);
  });

  it('tokens are made, listed without their secret, and revoked', async () => {
    const made = await ask('/api/v1/tokens', {
      as: 'owner',
      method: 'POST',
      body: '{"role":"volts","name":"v2","expires":99999999999999}',
    });
    expect(made).toMatchObject({ status: 201, json: { principal: 'v2', role: 'volts', expires: 99999999999999 } });
    expect((await ask('/api/v1/points', { as: made.json.token })).status).toBe(200);
    const list = await ask('/api/v1/tokens', { as: 'owner' });
    expect(list.json.map(({ principal }: { principal: string }) => principal)).toContain('v2');
    expect(list.text).not.toMatch(/smx_|ash/);
    expect((await ask('/api/v1/tokens/v2', { as: 'owner', method: 'DELETE' })).status).toBe(204);
    expect((await ask('/api/v1/points', { as: made.json.token })).status).toBe(401);
    expect((await ask('/api/v1/tokens/v2', { as: 'owner', method: 'DELETE' })).json.code).toBe(
      'SMX_ACCESS_PRINCIPAL_UNKNOWN',
    );
  });

  it.each([
    ['{"role":"volts","name":"p1"}', 'SMX_ACCESS_NAME_TAKEN', 409],
    ['{"role":"volts"}', 'SMX_ACCESS_NAME_TAKEN', 409],
    ['{"role":"nobody"}', 'SMX_ACCESS_ROLE_UNKNOWN', 400],
    ['{"role":"volts","name":"Big"}', 'SMX_ACCESS_NAME_INVALID', 400],
    ['{"role":1,"nmae":"x"}', 'SMX_HTTP_BAD_REQUEST', 400],
    ['[]', 'SMX_HTTP_BAD_REQUEST', 400],
    ['null', 'SMX_HTTP_BAD_REQUEST', 400],
  ])('a wish %s is refused', async (body, code, status) => {
    expect(await ask('/api/v1/tokens', { as: 'owner', method: 'POST', body })).toMatchObject({
      status,
      json: { code },
    });
  });

  it('basic credentials of a browser read, and change nothing', async () => {
    const authorization = `Basic ${Buffer.from(`owner:${tokens['owner']!}`).toString('base64')}`;
    expect((await ask('/api/docs', { headers: { authorization } })).status).toBe(200);
    expect(
      (await ask('/api/v1/tokens', { method: 'POST', body: '{"role":"volts","name":"x"}', headers: { authorization } }))
        .status,
    ).toBe(401);
    const other = `Basic ${Buffer.from(`viewer:${tokens['owner']!}`).toString('base64')}`;
    expect((await ask('/api/docs', { headers: { authorization: other } })).status).toBe(401);
  });
});

describe('what an address names and is not there', () => {
  it.each([
    ['/api/v1/grants/nobody', 'SMX_ACCESS_ROLE_UNKNOWN'],
    ['/api/v1/points/pcc/nothing', 'SMX_POINT_UNKNOWN'],
    ['/api/v1/commands/none', 'SMX_COMMAND_UNKNOWN'],
    ['/api/v1/profiles/pcc/none', 'SMX_HTTP_NOT_FOUND'],
    ['/api/v1/events/9/files/none', 'SMX_HTTP_NOT_FOUND'],
  ])('%s is 404 %s', async (path, code) => {
    expect(await ask(path, { as: 'owner' })).toMatchObject({ status: 404, json: { status: 404, code } });
  });
});

describe('malformed requests', () => {
  const wire = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes));
      let got = '';
      socket.setEncoding('utf8').on('data', (text: string) => (got += text));
      socket.on('close', () => resolve(got));
      socket.on('error', () => undefined);
    });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'SMX_HTTP_BAD_REQUEST'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
      'SMX_HTTP_BAD_REQUEST',
    ],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'a'.repeat(50_000)}`, 431, 'SMX_HTTP_TOO_LARGE'],
  ])('get a code even where they cannot be parsed: %s', async (_what, bytes, status, code) => {
    const [head, body] = (await wire(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body!)).toMatchObject({ code, status });
  });

  const post = (body: string, headers?: Record<string, string>) =>
    ask('/api/v1/tokens', { as: 'owner', method: 'POST', body, ...(headers === undefined ? {} : { headers }) });

  it('each get a code', async () => {
    expect((await post('{')).json.code).toBe('SMX_HTTP_BAD_REQUEST');
    expect((await post('['.repeat(5000))).json.code).toBe('SMX_HTTP_BAD_REQUEST');
    expect((await post(`"${'x'.repeat(300_000)}"`)).json.code).toBe('SMX_HTTP_TOO_LARGE');
    expect((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).json.code).toBe(
      'SMX_HTTP_MEDIA_TYPE',
    );
    expect(await ask('/api/v1/points', { as: 'owner', method: 'PUT', body: '{}' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET' },
      json: { code: 'SMX_HTTP_METHOD' },
    });
    expect(await ask('/api/v1/nothing', { as: 'owner' })).toMatchObject({
      status: 404,
      json: { code: 'SMX_HTTP_NOT_FOUND' },
    });
    expect((await ask('/api/v1/points?limit=0', { as: 'owner' })).json.errors).toEqual([
      { path: 'query.limit', expected: 'a whole number from 1 to 10000' },
    ]);
  });

  it('that are not even HTTP get a short answer and the core goes on', async () => {
    const port = Number(new URL(server.url).port);
    for (const bytes of [
      '\x00\x01\x02\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      '\x16\x03\x01\x02\x00',
    ]) {
      const socket = connect(port, '127.0.0.1');
      let closed = false;
      socket.on('error', () => undefined).on('close', () => (closed = true));
      socket.resume();
      socket.end(bytes);
      await until(() => closed);
    }
    expect((await ask('/health/live')).status).toBe(200);
  });

  it('past the rate of a principal get 429 with Retry-After, others do not', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask('/api/v1/devices', { as: 'nothing' })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.headers['retry-after']).toBe('1');
    expect((await ask('/api/v1/devices', { as: 'viewer' })).status).toBe(200);
  });
});

describe('lists', () => {
  /** Follows `Link` to the end. */
  const pagesOf = async (path: string, as = 'owner'): Promise<Answer['json'][]> => {
    const pages: Answer['json'][] = [];
    for (let at: string | undefined = path; at !== undefined;) {
      const { json, headers } = await ask(at, { as });
      pages.push(json);
      at = /^<(.*)>; rel="next"$/.exec(String(headers.link))?.[1];
    }
    return pages;
  };

  it.each(['extensions', 'links', 'tokens', 'users', 'grants'])('page /%s by limit and Link', async (name) => {
    const desks = desk.list();
    desk.list = () => ['p2', 'p1', 'p3'].map((id) => ({ ...desks[0]!, id }));
    links = ['b', 'a', 'c'].map((link) => ({ name: link, since: 1, state: 'failed', code: 'X', reason: 'y' }));
    for (const user of ['ua', 'ub', 'uc'])
      await principals.createUser({ name: user, role: 'viewer', password: 'long enough' });
    const whole = (await ask(`/api/v1/${name}`, { as: 'owner' })).json as unknown[];
    expect(whole.length).toBeGreaterThan(2);
    const pages = await pagesOf(`/api/v1/${name}?limit=2`);
    expect(pages.map((page) => page.length).slice(0, -1)).toEqual(pages.slice(1).map(() => 2));
    expect(pages.flat()).toEqual(whole);
    expect(await ask(`/api/v1/${name}?limt=2`, { as: 'owner' })).toMatchObject({
      status: 400,
      json: { code: 'SMX_HTTP_BAD_REQUEST', errors: [{ path: 'query.limt' }] },
    });
  });

  it('of commands are whole without limit, and match before limit', async () => {
    const stages = [{ state: 'received', t: 1, value: 5 }] as const;
    const command = (seq: number) => ({
      seq,
      record: {
        ...{ id: `c${seq}`, principal: seq % 5 === 0 ? 'other' : 'volts', stages },
        point: seq % 3 === 0 ? 'battery/power/limit' : 'battery/power/setpoint',
      } as unknown as (typeof commands)[number]['record'],
    });
    commands = Array.from({ length: 4000 }, (_, i) => command(4000 - i));
    const own = commands.filter(({ record }) => record.principal === 'volts').map(({ record }) => record.id);
    const ids = (answer: Answer['json']): string[] => answer.map(({ id }: { id: string }) => id);
    const whole = await ask('/api/v1/commands', { as: 'volts' });
    expect([ids(whole.json), whole.headers.link]).toEqual([own, undefined]);
    for (const [filter, third] of [
      ['battery/power/limit', true],
      ['+/+/setpoint', false],
    ] as const) {
      const match = encodeURIComponent(filter);
      const fit = own.filter((id) => (Number(id.slice(1)) % 3 === 0) === third);
      expect(ids((await ask(`/api/v1/commands?match=${match}`, { as: 'volts' })).json)).toEqual(fit);
      const pages = await pagesOf(`/api/v1/commands?match=${match}&limit=500`, 'volts');
      expect([pages[0]!.length, ids(pages.flat())]).toEqual([500, fit]);
    }
    expect((await ask('/api/v1/commands?match=none', { as: 'volts' })).json).toEqual([]);
    expect((await ask('/api/v1/commands?after=x&bfore=1', { as: 'volts' })).status).toBe(400);
    // all that hold or wait, at once: the oldest of them may hold
    expect(ids((await ask('/api/v1/commands?open=true&match=%2B/%2B/limit', { as: 'volts' })).json)).toEqual(
      own.filter((id) => Number(id.slice(1)) % 3 === 0),
    );
    expect((await ask('/api/v1/commands?open=true&limit=5', { as: 'volts' })).status).toBe(400);
  });
});

describe('the description', () => {
  it('names every operation that answers, and only those', async () => {
    const { json } = await ask('/api/openapi.json', { as: 'viewer' });
    expect(json.openapi).toBe('3.1.0');
    const described = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(
      OPERATIONS.map(({ method, path }) => `${method} ${path.replace('+}', '}')}`).sort(),
    );
    const refs = [...JSON.stringify(json).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!);
    for (const name of refs) expect(json.components.schemas).toHaveProperty(name);
    expect((await ask('/api/docs', { as: 'viewer' })).text).toContain('/api/v1/history');
  });
});
