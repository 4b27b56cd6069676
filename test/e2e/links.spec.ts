import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import {
  makeCa,
  makeCertificate,
  startMosquitto,
  type Mosquitto,
} from '../../libs/northbound/test-support/mosquitto.js';
import { Box, stop, until } from './smxcore-support.js';

const ROLES = `roles:
  gesscon: { grants: [{ read: ["box/#"] }] }
  narrow: { grants: [{ read: ["box/cpu/load"] }] }
`;

interface LinkRow {
  readonly name: string;
  readonly state: string;
  readonly code?: string;
  readonly reason?: string;
  readonly protocol?: string;
}

let box: Box;
let broker: Mosquitto | undefined;
let outside: MqttClient | undefined;
const seen: { topic: string; text: string; retain: boolean }[] = [];

/** Mosquitto with client certificates, where each party may write its own tree only. */
async function secureBroker(): Promise<string> {
  const folder = join(box.folder, 'broker');
  mkdirSync(folder);
  makeCa(folder, 'ca');
  makeCertificate(folder, { name: 'server', ca: 'ca', san: 'DNS:localhost,IP:127.0.0.1' });
  for (const name of ['gesscon', 'narrow', 'auditor']) makeCertificate(folder, { name, ca: 'ca' });
  const acl = ['gesscon', 'narrow'].map((name) => `user ${name}\ntopic readwrite smx/1/+/${name}/#\n`);
  writeFileSync(join(folder, 'acl'), `${acl.join('')}user auditor\ntopic readwrite #\n`);
  const files = { cafile: 'ca.pem', certfile: 'server.pem', keyfile: 'server.key', acl_file: 'acl' };
  const lines = Object.entries(files).map(([key, file]) => `${key} ${join(folder, file)}`);
  broker = await startMosquitto(
    () => [...lines, 'require_certificate true', 'use_identity_as_username true'].join('\n'),
    folder,
  );
  const url = `mqtts://127.0.0.1:${broker.port}`;
  const pem = (file: string): string => readFileSync(join(folder, file), 'utf8');
  outside = await connectAsync(url, { ca: pem('ca.pem'), cert: pem('auditor.pem'), key: pem('auditor.key') });
  seen.length = 0;
  outside.on('message', (topic, payload, { retain }) => seen.push({ topic, text: payload.toString(), retain }));
  await outside.subscribeAsync('#', { qos: 1 });
  return url;
}

const link = (name: string, url: string, more = ''): string =>
  `  ${name}: { url: "${url}", role: ${name}, tls: { ca: broker/ca.pem, cert: broker/${name}.pem, key: broker/${name}.key }${more} }\n`;

const last = (topic: string): string | undefined => seen.filter((one) => one.topic === topic).at(-1)?.text;

async function api(url: string, path: string): Promise<unknown> {
  const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
  return (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${secret}` } })).json();
}

beforeEach(() => {
  box = new Box();
  writeFileSync(join(box.folder, 'roles.yaml'), ROLES);
});

afterEach(async () => {
  await outside?.endAsync(true);
  await broker?.stop();
  outside = broker = undefined;
  await box.remove();
});

it('brings each party its own tree over TLS with client certificates, and nothing else', async () => {
  const url = await secureBroker();
  box.write(
    `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\nlinks:\n` +
      link('gesscon', url, ', alias: k3f9, now: 100ms, compress: none') +
      link('narrow', url, ', now: 100ms'),
  );
  const check = await box.smx(['check']);
  expect([check.status, check.out + check.err]).toEqual([0, expect.any(String)]);
  const { core, url: http } = await box.core();
  const load = (topic: string): unknown => (JSON.parse(last(topic) ?? '{}') as { v?: object }).v;
  const base = { gesscon: 'smx/1/k3f9/gesscon', narrow: 'smx/1/test/narrow' };
  await until(() => load(`${base.gesscon}/now`) !== undefined && load(`${base.narrow}/now`) !== undefined);
  expect(Object.keys(load(`${base.narrow}/now`) as object)).toEqual(['box/cpu/load']);
  expect(Object.keys(load(`${base.gesscon}/now`) as object).length).toBeGreaterThan(1);
  const narrow = seen.filter(({ topic }) => topic.startsWith(`${base.narrow}/`));
  for (const { text } of narrow) expect(text).not.toMatch(/box\/(?!cpu\/load)/);
  expect(new Set(seen.map(({ topic }) => topic.split('/').slice(0, 4).join('/')))).toEqual(
    new Set(Object.values(base)),
  );
  const rows = (await api(http, '/api/v1/links')) as LinkRow[];
  expect(rows.map(({ name, state, protocol }) => [name, state, protocol])).toEqual([
    ['gesscon', 'online', '5.0'],
    ['narrow', 'online', '5.0'],
  ]);
  expect(((await api(http, '/api/v1/health')) as { parts: Record<string, unknown> }).parts['links']).toEqual({
    ok: true,
    text: '2 on line',
  });
  expect((await stop(core)).status).toBe(0);
  await until(() => last(`${base.gesscon}/state`)?.includes('"closing"'));
});

it('empties what an outside broker still holds of a party whose role is gone', async () => {
  const url = await secureBroker();
  const config = readFileSync(box.config, 'utf8');
  box.write(`${config}roles: ./roles.yaml\nlinks:\n${link('gesscon', url, ', now: 100ms')}`);
  const first = await box.core();
  const base = 'smx/1/test/gesscon';
  await until(() => last(`${base}/now`));
  expect((await stop(first.core)).status).toBe(0);
  writeFileSync(join(box.folder, 'roles.yaml'), 'roles: {}\n');
  expect((await box.smx(['check'])).out).toContain('links.gesscon.role');
  const { core, url: http } = await box.core();
  await until(() => ['state', 'cat', 'now'].every((kind) => last(`${base}/${kind}`) === ''));
  await until(async () => ((await api(http, '/api/v1/links')) as LinkRow[])[0]?.state === 'ended');
  expect(await api(http, '/api/v1/links')).toMatchObject([{ name: 'gesscon', code: 'SMX_ACCESS_ROLE_UNKNOWN' }]);
  expect((await stop(core)).status).toBe(0);
});

it('empties what an outside broker still holds of a link that was taken out of the config', async () => {
  const url = await secureBroker();
  const config = `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\n`;
  box.write(`${config}links:\n${link('gesscon', url, ', now: 100ms')}`);
  const first = await box.core();
  const base = 'smx/1/test/gesscon';
  await until(() => last(`${base}/now`));
  expect((await stop(first.core)).status).toBe(0);
  box.write(config);
  const { core, url: http } = await box.core();
  await until(() => ['state', 'cat', 'now'].every((kind) => last(`${base}/${kind}`) === ''));
  await until(async () => ((await api(http, '/api/v1/links')) as LinkRow[])[0]?.state === 'ended');
  expect(await api(http, '/api/v1/links')).toMatchObject([{ name: 'gesscon', former: true, code: 'SMX_LINK_REMOVED' }]);
  expect(((await api(http, '/api/v1/health')) as { parts: Record<string, unknown> }).parts['links']).toEqual({
    ok: true,
    text: 'none',
  });
  expect(readFileSync(join(box.folder, 'var/links.json'), 'utf8')).toBe('[]');
  expect((await stop(core)).status).toBe(0);
});

it('a broken link, one under the name of a token and one without broker are states; the box runs', async () => {
  const { token } = JSON.parse(
    (await box.smx(['token', 'create', '--role', 'viewer', '--name', 'taken', '--json'])).out,
  ) as { token: string };
  box.write(
    `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\nlinks:\n` +
      '  later: { url: "mqtts://h", role: gesscon, encoding: senml }\n' +
      '  typo: { url: "mqtts://h", rolle: gesscon }\n' +
      '  taken: { url: "mqtt://127.0.0.1:9", role: owner }\n' +
      '  away: { url: "mqtt://127.0.0.1:9", role: gesscon, auth: { user: u, password: "file:./none" } }\n',
  );
  const check = await box.smx(['check']);
  expect(check.status).toBe(2);
  for (const what of ['links.later.encoding', 'links.typo', 'links.away.auth']) expect(check.out).toContain(what);
  const { core, url } = await box.core();
  const rows = (): Promise<LinkRow[]> => api(url, '/api/v1/links') as Promise<LinkRow[]>;
  await until(async () => (await rows()).some(({ name, state }) => name === 'away' && state === 'waiting'));
  expect((await rows()).map(({ name, state, code }) => [name, state, code])).toEqual([
    ['away', 'waiting', 'SMX_CONFIG_SECRET'],
    ['later', 'failed', 'SMX_NOT_AVAILABLE'],
    ['taken', 'failed', 'SMX_ACCESS_NAME_TAKEN'],
    ['typo', 'failed', expect.stringMatching(/^SMX_CONFIG_/)],
  ]);
  // the doctor says of each why, and what to do
  const doctor = await box.smx(['doctor', '--json']);
  const found = (JSON.parse(doctor.out) as { what: string }[]).filter(({ what }) => what.startsWith('link'));
  expect([doctor.status, found]).toEqual([
    1,
    ['away', 'later', 'taken', 'typo'].map((name) => ({
      what: `link ${name}`,
      state: 'wrong',
      text: expect.stringMatching(/^(waiting|failed): SMX_\w+: .*\w/),
      help: expect.stringMatching(/\w/),
    })),
  ]);
  expect(found[3]).toMatchObject({ text: expect.stringMatching(/smx\.yaml:\d+:\d+ links\.typo.*did you mean "role"/) });
  const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
  const metrics = await fetch(`${url}/api/v1/metrics`, { headers: { authorization: `Bearer ${secret}` } });
  const text = await metrics.text();
  expect(text).toMatch(/^smx_link_state\{link="away",state="waiting"\} 1$/m);
  expect(text).toMatch(/^smx_link_state\{link="typo",state="failed"\} 1$/m);
  expect(text).toMatch(/^smx_link_failures_total\{link="away"\} [1-9]/m);
  // nobody tells how often a link failed that was never tried
  expect(text).not.toMatch(/^smx_link_failures_total\{link="typo"\}/m);
  // what the broker does not get is backlog
  expect(text).toMatch(/^smx_stream_backlog_batches\{party="away",stream="inst"\} \d+$/m);
  expect(text).toMatch(/^smx_stream_backlog_seconds\{party="away",stream="event"\} 0$/m);
  // the token keeps what its role gives
  const own = await fetch(`${url}/api/v1/links`, { headers: { authorization: `Bearer ${token}` } });
  expect(own.status).toBe(403);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect((await stop(core)).status).toBe(0);
});
