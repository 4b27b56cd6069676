import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTcp, type AddressInfo, type Server } from 'node:net';
import { connect, createServer as createTls } from 'node:tls';
import { silentLog } from '@smx-edge/model';
import { stationCertificate } from '../../test-support/station-certificate.js';
import { until } from '../../test-support/until.js';
import { issueAuthorities, issueServer } from './issue.js';
import type { Issued } from './issued.js';
import { portOf, type Port } from './port.js';
import { backEndTls, tunnelOf, type TlsConfig } from './tls-settings.js';

let ours: Issued;
let theirs: Issued;
const trust: Record<'ours' | 'theirs', string> = { ours: '', theirs: '' };
beforeAll(async () => {
  const make = async (who: 'ours' | 'theirs', names: string[]): Promise<Issued> => {
    const { ecdsa } = await issueAuthorities(who, Date.now());
    trust[who] = ecdsa.certificate;
    return issueServer('ecdsa', ecdsa, { names, now: Date.now() });
  };
  [ours, theirs] = await Promise.all([make('ours', ['smx.local']), make('theirs', ['csms.example'])]);
});

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return (server.address() as AddressInfo).port;
}

/** What is told of those that could not open TLS. */
let told: unknown[] = [];
beforeEach(() => (told = []));

function serve(config: TlsConfig): Port {
  const log = { ...silentLog, info: (_text: string, fields?: object) => told.push(fields) };
  const port = portOf({}, { config, certificates: [ours], log });
  open.push(port);
  port.http.on('request', (_request, response) => response.end('served here'));
  return port;
}

/** What a client of this name gets in answer to a request. */
function get(port: number, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve(text)); // prettier-ignore
    });
    asked.on('error', reject).end();
  });
}

/** A back end of its own TLS, which gives back what comes. */
async function farEnd(): Promise<number> {
  const server = createTls({ cert: theirs.certificate, key: theirs.key }, (socket) => socket.pipe(socket));
  return listening(server);
}

it('passes connections for a name on as they are, and serves all others', async () => {
  const port = await listening(serve({ tunnel: { 'CSMS.example': `127.0.0.1:${await farEnd()}` } }).listening);
  expect(await get(port, { servername: 'smx.local', ca: trust.ours })).toBe('served here');
  const socket = connect({ host: '127.0.0.1', port, servername: 'csms.example', ca: trust.theirs });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  const sent = Buffer.alloc(3_000_000, 'Ä');
  let got = 0;
  const all = new Promise<void>((resolve) =>
    socket.on('data', (part: Buffer) => {
      got += part.length;
      if (got === sent.length) resolve();
    }),
  );
  socket.write(sent);
  await all;
  socket.end();
  await once(socket, 'close');
  // the one through the tunnel is never shown our certificate
  await expect(get(port, { servername: 'csms.example', ca: trust.ours })).rejects.toThrow(/certificate|self/);
});

it('ends a connection whose far end is not there, and serves on', async () => {
  const port = await listening(serve({ tunnel: { 'csms.example': '127.0.0.1:1' } }).listening);
  await expect(get(port, { servername: 'csms.example', ca: trust.theirs })).rejects.toThrow();
  expect(await get(port, { servername: 'smx.local', ca: trust.ours })).toBe('served here');
});

it('is not held up by peers that say nothing or nonsense', async () => {
  const port = await listening(serve({ tunnel: { 'csms.example': '127.0.0.1:1' } }).listening);
  const silent = Array.from({ length: 80 }, () => connectTcp(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(silent.map((one) => once(one, 'connect')));
  const noise = connectTcp(port, '127.0.0.1', () => noise.write('GET / HTTP/1.1\r\n\r\n'));
  noise.resume();
  await once(noise, 'close');
  expect(await get(port, { servername: 'smx.local', ca: trust.ours })).toBe('served here');
  for (const one of silent) one.destroy();
});

it('asks for a certificate where it is said who signs them, and takes none of others', async () => {
  const authorities = await issueAuthorities('stations', Date.now());
  const station = await stationCertificate(authorities.ecdsa, 'CP-1');
  const port = await listening(serve({ 'station-ca': authorities.ecdsa.certificate }).listening);
  const asks = { servername: 'smx.local', ca: trust.ours };
  await expect(get(port, asks)).rejects.toThrow();
  await expect(get(port, { ...asks, cert: theirs.certificate, key: theirs.key })).rejects.toThrow();
  expect(await get(port, { ...asks, cert: station.certificate, key: station.key })).toBe('served here');
});

it.each([{ 'backend-certificate': 'x' }, { 'backend-key': 'x' }])('takes no half of a certificate: %j', (config) => {
  expect(() => backEndTls(config)).toThrow('belong together');
});

it.each(['csms', 'csms:0', 'csms:70000', 'a:b:1', ':80'])('takes no tunnel to %s', (to) => {
  expect(() => tunnelOf({ tunnel: { name: to } })).toThrow('host:port');
});

it.each([
  ['has no certificate', { servername: 'smx.local', rejectUnauthorized: false }, 'shows no certificate'],
  [
    'is too old',
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const,
    'tls.legacy',
  ],
  ['has no suite for it', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' } as const, 'for RSA'],
])('tells what to do about a charge point that %s', async (_what, options, text) => {
  const port = await listening(serve({ 'station-ca': trust.theirs }).listening);
  const client = connect({ host: '127.0.0.1', port, ...options }).on('error', () => {});
  await until(() => told.length > 0);
  client.destroy();
  expect(told).toEqual([expect.objectContaining({ error: expect.stringContaining(text) })]);
});

it('tells of a charge point that speaks no TLS', async () => {
  const port = await listening(serve({}).listening);
  const plain = connectTcp(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\n\r\n')).on('error', () => {});
  await until(() => told.length > 0);
  expect(told).toEqual([expect.objectContaining({ error: expect.stringContaining('wss://') })]);
  plain.destroy();
});
