import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { Box, stop, until } from './smxcore-support.js';

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

interface Health {
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly code?: string }>>;
}
type Instance = { readonly id: string; readonly state: string };

let box: Box;
afterEach(() => box.remove());

const listening = (): Promise<{ server: Server; port: number }> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });

const ready = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;
const asLocal = (url: string, path: string) =>
  fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${readFileSync(join(box.folder, 'var/secret'), 'utf8').trim()}` },
  });

it('SIGTERM, also twice, ends it cleanly and leaves no secret behind', async () => {
  box = new Box();
  const { core, url } = await box.core();
  await until(async () => (await ready(url)) === 200);
  core.child.kill('SIGTERM');
  core.child.kill('SIGTERM');
  expect((await core.ended()).status).toBe(0);
  for (const name of ['secret', 'lock', 'run/core.json'])
    expect([name, existsSync(join(box.folder, 'var', name))]).toEqual([name, false]);
});

it('a second core on the same data ends with 2 and says why; the first goes on', async () => {
  box = new Box();
  const { core, url } = await box.core();
  const second = await box.smx(['run']);
  expect([second.status, second.err]).toEqual([2, expect.stringContaining('SMX_STORE_LOCKED')]);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  // the secret and address of the first are still its own
  expect((await box.smx(['points'])).status).toBe(0);
  expect((await stop(core)).status).toBe(0);
});

it('a killed core starts again on its data', async () => {
  box = new Box();
  const first = await box.core();
  first.core.child.kill('SIGKILL');
  await first.core.ended();
  const { core, url } = await box.core();
  await until(async () => (await ready(url)) === 200);
  expect((await stop(core)).status).toBe(0);
});

it('broken sections are states that are seen, not the end', async () => {
  box = new Box(
    'roles: ./none.yaml\ntimezone: Nowhere\nextensions:\n  a: { use: p1-reader, config: { device: pcc, source: "tcp://127.0.0.1:9" } }\n' +
      '  b: { use: nothing-like-it }\n  c: { uze: p1-reader }\n  d: { use: p1-reader, config: { key: "${SMX_NOT_SET}" } }\n',
  );
  const { core, url } = await box.core();
  await until(async () => (await ready(url)) === 200);
  const list = (await (await asLocal(url, '/api/v1/extensions')).json()) as {
    id: string;
    state: string;
    reason?: string;
    code?: string;
  }[];
  const of = (id: string) => list.find((instance) => instance.id === id);
  expect(of('a')?.state).toBe('running');
  expect(of('b')).toMatchObject({
    state: 'failed',
    code: 'SMX_EXTENSION_UNKNOWN',
    reason: expect.stringContaining('smx.yaml:9:'),
  });
  expect(of('c')).toMatchObject({ state: 'failed', reason: expect.stringContaining('did you mean "use"') });
  expect(of('d')).toMatchObject({ state: 'failed', code: 'SMX_CONFIG_SECRET' });
  const health = (await (await asLocal(url, '/api/v1/health')).json()) as {
    problems: { code: string }[];
    parts: Record<string, { ok: boolean }>;
  };
  expect(health.problems.map(({ code }) => code)).toEqual(
    expect.arrayContaining([
      'SMX_CONFIG_UNREADABLE',
      'SMX_CONFIG_INVALID',
      'SMX_CONFIG_SECRET',
      'SMX_EXTENSION_UNKNOWN',
    ]),
  );
  expect(health.parts['extensions']?.ok).toBe(false);
  // a name of the config is taken, also that of a broken instance
  expect((await box.smx(['token', 'create', '--role', 'viewer', '--name', 'b'])).err).toContain(
    'SMX_ACCESS_NAME_TAKEN',
  );
  expect((await stop(core)).status).toBe(0);
});

it('an instance under the name of a token is refused, and the token keeps what its role gives and no more', async () => {
  box = new Box();
  const { token } = JSON.parse(
    (await box.smx(['token', 'create', '--role', 'viewer', '--name', 'p1', '--json'])).out,
  ) as { token: string };
  box.write(
    `${readFileSync(box.config, 'utf8')}extensions: { p1: { use: p1-reader, config: { device: pcc, source: "tcp://127.0.0.1:9" } } }\n`,
  );
  const { core, url } = await box.core();
  await until(async () => (await ready(url)) === 200);
  const [instance] = (await (await asLocal(url, '/api/v1/extensions')).json()) as { state: string; code?: string }[];
  expect(instance).toMatchObject({ state: 'failed', code: 'SMX_ACCESS_NAME_TAKEN' });
  const own = await fetch(`${url}/api/v1/points/box/online`, { headers: { authorization: `Bearer ${token}` } });
  expect(own.status).toBe(200);
  expect((await stop(core)).status).toBe(0);
});

it('a broker that cannot listen leaves the API up and the box not ready', async () => {
  const { server, port } = await listening();
  box = new Box('', `site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: ${port} }\n`);
  const { core, url } = await box.core();
  expect(await ready(url)).toBe(503);
  expect(((await (await asLocal(url, '/api/v1/health')).json()) as Health).parts['broker']).toMatchObject({
    ok: false,
    code: 'SMX_BROKER_ADDRESS',
  });
  server.close();
  expect((await stop(core)).status).toBe(0);
});

it('without http, site or data there is no core: exit 2 and the place', async () => {
  const { server, port } = await listening();
  box = new Box('', `site: test\ndata: ./var\nhttp: { port: ${port} }\nbroker: null\n`);
  const taken = await box.smx(['run']);
  expect([taken.status, taken.err]).toEqual([2, expect.stringContaining('SMX_HTTP_ADDRESS')]);
  expect(existsSync(join(box.folder, 'var/lock'))).toBe(false);
  server.close();
  box.write('site: "a b"\ndata: ./var\n');
  expect(await box.smx(['run'])).toMatchObject({ status: 2, err: expect.stringContaining('smx.yaml:1:7 site:') });
  box.write(`site: a\ndata: ${box.config}\nhttp: { port: 0 }\n`);
  expect(await box.smx(['run'])).toMatchObject({ status: 2, err: expect.stringContaining('SMX_STORE_FOLDER') });
});

it('secrets reach the instance and nothing else', async () => {
  box = new Box(
    'extensions:\n  p1: { use: p1-reader, config: { device: pcc, source: "tcp://127.0.0.1:9", key: "file:key" } }\nlog: { level: debug }\n',
  );
  writeFileSync(join(box.folder, 'key'), '00112233445566778899AABBCCDDEEFF\n');
  expect((await box.smx(['check'])).out).toContain('ok');
  const { core, url } = await box.core();
  await until(
    async () => ((await (await asLocal(url, '/api/v1/extensions')).json()) as Instance[])[0]?.state === 'running',
  );
  const said =
    core.out +
    (await (await asLocal(url, '/api/v1/extensions')).text()) +
    (await (await asLocal(url, '/api/v1/health')).text());
  const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
  expect((await stop(core)).status).toBe(0);
  expect(said + core.out).not.toMatch(/00112233445566/i);
  expect(said + core.out).not.toContain(secret);
});

/** Key and certificate `k.pem`, `c.pem` of a box of its own. */
function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'k.pem'), '-out', join(folder, 'c.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...subject], { stdio: 'ignore' });
}
const TLS = '{ port: 0, tls: { key: k.pem, cert: c.pem } }';

(has('openssl') ? it : it.skip)('serves TLS, and the commands of the box trust its own certificate', async () => {
  box = new Box('', `site: test\ndata: ./var\nhttp: ${TLS}\nbroker: ${TLS}\n`);
  makeCertificate(box.folder);
  const made = await box.smx(['token', 'create', '--role', 'viewer', '--json']);
  const { token } = JSON.parse(made.out) as { token: string };
  expect(await box.smx(['check'])).toMatchObject({ status: 0 });
  const { core, url, broker } = await box.core();
  expect(url).toMatch(/^https:/);
  const { status, err } = await box.smx(['points']);
  expect([status, err]).toEqual([0, '']);
  const login = { username: 'viewer', password: token, reconnectPeriod: 0 };
  const ca = readFileSync(join(box.folder, 'c.pem'));
  const client = await connectAsync(`mqtts://127.0.0.1:${broker!.port}`, { ...login, ca });
  const topics: string[] = [];
  client.on('message', (topic) => topics.push(topic));
  await client.subscribeAsync('#');
  await until(() => topics.includes('smx/1/test/viewer/now'));
  await client.endAsync(true);
  await expect(connectAsync(`mqtts://127.0.0.1:${broker!.port}`, login)).rejects.toThrow();
  expect((await stop(core)).status).toBe(0);
});

it('runs on with a broker whose TLS key cannot be read, and shows that', async () => {
  box = new Box('', `site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: ${TLS}\n`);
  const { core, url, broker } = await box.core();
  expect(broker).toBeNull();
  const health = (await (await asLocal(url, '/api/v1/health')).json()) as { parts: Record<string, unknown> };
  expect(health.parts['broker']).toMatchObject({ ok: false, code: 'SMX_BROKER_ADDRESS' });
  expect(JSON.stringify(health.parts['broker'])).toContain('k.pem');
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  expect((await box.smx(['points'])).status).toBe(0);
  const check = await box.smx(['check']);
  expect(check.status).toBe(2);
  expect(check.out).toMatch(/smx\.yaml:4:\d+ broker\.tls\.key: .*k\.pem cannot be read .* expected a PEM file/);
  expect((await stop(core)).status).toBe(0);
});

(has('systemd-notify') && has('python3') ? it : it.skip)(
  'tells systemd READY, signs of life and STOPPING',
  async () => {
    box = new Box('', 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: null\n');
    const socket = join(box.folder, 'notify');
    const listener = spawn('python3', [
      '-u',
      '-c',
      `import socket\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\ns.bind(${JSON.stringify(socket)})\nwhile True: print(s.recv(4096).decode())`,
    ]);
    let told = '';
    listener.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    try {
      await until(() => existsSync(socket));
      const { core } = await box.core({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' });
      await until(() => (told.match(/WATCHDOG=1/g) ?? []).length >= 2);
      expect(told).toMatch(/^READY=1/);
      expect((await stop(core)).status).toBe(0);
      await until(() => told.includes('STOPPING=1'));
    } finally {
      listener.kill();
    }
  },
);
