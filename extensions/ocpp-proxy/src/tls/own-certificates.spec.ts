import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { InstanceState } from '@smx-edge/extension-api';
import { silentLog } from '@smx-edge/model';
import { SERVER_FOR } from './issue.js';
import { OwnCertificates } from './own-certificates.js';
import { portOf, type Port } from './port.js';

const YEAR = 365 * 86_400_000;

function memory(): { state: InstanceState; kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  const get = <T>(key: string): Promise<T | undefined> =>
    Promise.resolve(structuredClone(kept.get(key)) as T | undefined);
  const set = (key: string, value: unknown): Promise<void> =>
    Promise.resolve(void kept.set(key, structuredClone(value)));
  return { state: { get, set }, kept };
}

let now = Date.now();
const { state, kept } = memory();
const open = (names: readonly string[]): Promise<OwnCertificates> =>
  OwnCertificates.open({ state, owner: 'site-1, "north"', names, now: () => now });
const serials = (own: OwnCertificates): string[] =>
  own.server.map(({ certificate }) => new X509Certificate(certificate).serialNumber);

let port: Port | undefined;
async function serve(own: OwnCertificates): Promise<number> {
  port = portOf({}, { config: undefined, certificates: own.server, log: silentLog });
  port.http.on('request', (_request, response) => response.end('here'));
  port.listening.listen(0, '127.0.0.1');
  await once(port.listening, 'listening');
  return (port.listening.address() as AddressInfo).port;
}
async function reach(at: number, options: object): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: at, ...options });
  await once(socket, 'secureConnect');
  return socket;
}
afterEach(() => {
  port?.close();
  port = undefined;
});

it('makes authorities once, and servers under them anew when their names change or their end comes near', async () => {
  const first = await open(['smx.local', '192.0.2.7', 'fd00::7']);
  const again = await open(['smx.local', '192.0.2.7', 'fd00::7']);
  expect(serials(again)).toEqual(serials(first));
  const renamed = await open(['smx.local', '192.0.2.8']);
  expect(renamed.authorities).toEqual(first.authorities);
  expect(serials(renamed)).not.toEqual(serials(first));
  now += SERVER_FOR - 60 * 86_400_000;
  const later = await open(['smx.local', '192.0.2.8']);
  expect(later.authorities).toEqual(first.authorities);
  expect(later.telling.every(({ until }) => until > now + YEAR)).toBe(true);
  await later.renew({ authority: true });
  expect(later.authorities).not.toEqual(first.authorities);
  now = Date.now();
});

it('makes certificates anew that were made while the clock was ahead, and none of 1970 while it is not set', async () => {
  now = Date.now() + 10 * YEAR;
  const ahead = await open(['smx.local']);
  now = Date.now();
  expect(await ahead.keepValid()).toBe(true);
  expect(ahead.telling.every(({ from }) => from <= now)).toBe(true);
  kept.clear();
  now = 60_000;
  const unset = await open(['smx.local']);
  now = Date.now();
  expect(unset.telling.every(({ until }) => until > now)).toBe(true);
  const [authority] = Object.values(unset.authorities).map((pem) => new X509Certificate(pem));
  expect(await unset.keepValid()).toBe(false);
  expect(Date.parse(authority!.validTo)).toBeGreaterThan(now + 10 * YEAR);
});

it('makes certificates that hold for their names, and for nothing else', async () => {
  const own = await open(['smx.local', '192.0.2.7', 'fd00::7']);
  for (const [i, kind] of (['ecdsa', 'rsa'] as const).entries()) {
    const authority = new X509Certificate(own.authorities[kind]);
    const server = new X509Certificate(own.server[i]!.certificate);
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect([server.checkHost('smx.local'), server.checkIP('192.0.2.7'), server.checkIP('fd00::7')]).not.toContain(
      undefined,
    );
    expect([server.checkHost('other.local'), server.checkIP('192.0.2.8')]).toEqual([undefined, undefined]);
    // which tells them from those of a back end
    expect(server.subject).toContain('SMX Edge Local Controller');
    expect(server.publicKey.asymmetricKeyType).toBe(kind === 'rsa' ? 'rsa' : 'ec');
    expect(authority.subject).toContain(String.raw`site-1\, \"north\"`);
    expect(Date.parse(server.validTo) - now).toBeGreaterThan(YEAR);
  }
});

it.each([
  ['ecdsa', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['ecdsa', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['rsa', 'AES128-GCM-SHA256'],
  ['rsa', 'AES256-GCM-SHA384'],
] as const)('serves the suites that the whitepaper asks for, each with its own trust: %s %s', async (kind, ciphers) => {
  const own = await open(['smx.local']);
  const at = await serve(own);
  const tls = { ca: own.authorities[kind], servername: 'smx.local', ciphers, maxVersion: 'TLSv1.2' };
  const socket = await reach(at, tls);
  expect([socket.authorized, socket.getCipher().name]).toEqual([true, ciphers]);
  socket.destroy();
  const other = own.authorities[kind === 'rsa' ? 'ecdsa' : 'rsa'];
  await expect(reach(at, { ...tls, ca: other })).rejects.toThrow();
});

it('shows new certificates from the next connection on', async () => {
  const own = await open(['smx.local']);
  const at = await serve(own);
  const seen = async (): Promise<string> => {
    const socket = await reach(at, { ca: Object.values(own.authorities), servername: 'smx.local' });
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const before = await seen();
  await own.renew();
  port!.use(own.server);
  expect(await seen()).not.toBe(before);
});

it('keeps keys in the state of the instance, and tells none of them', async () => {
  const own = await open(['smx.local']);
  expect(JSON.stringify([...kept])).toContain('PRIVATE KEY');
  expect(JSON.stringify([own.authorities, own.telling])).not.toContain('PRIVATE KEY');
});
