import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import type { TLSSocket } from 'node:tls';
import type { ClientOptions } from 'ws';
import { TestBackEnd, testChargePoint, until, type TestChargePoint } from '../../test-support/index.js';
import { DEFAULTS } from '../../test-support/proxy.js';
import { stationCertificate } from '../../test-support/station-certificate.js';
import ocppProxy from '../index.js';
import type { ProxyConfig } from '../settings.js';
import type { CertificatesAnswer } from './certificates-call.js';
import { issueAuthorities, issueServer } from './issue.js';
import type { TlsConfig } from './tls-settings.js';

let backEnd: TestBackEnd;
let harness: Harness;

/** An instance in front of `backEnd`; gives the address at which charge points dial. */
async function run(tls: TlsConfig, config: Partial<ProxyConfig> = {}): Promise<string> {
  const full: ProxyConfig = {
    ...{ ...DEFAULTS, listen: 'wss://127.0.0.1:0/ocpp', backend: backEnd.url, ...config },
    tls: { names: ['localhost'], ...tls },
  };
  harness = runExtension(ocppProxy, { config: full });
  await harness.until(() => harness.seen.statuses.length > 0, 20_000);
  return /wss?:\S+(?=\/ID)/.exec(harness.seen.statuses[0]!.text!)![0];
}

const trust = async (): Promise<CertificatesAnswer> => (await harness.call('certificates', {})) as CertificatesAnswer;

async function dial(url: string, options: ClientOptions = {}): Promise<TestChargePoint> {
  const ca = Object.values((await trust()).trust);
  return testChargePoint(`${url}/CP-1`, {
    offer: 'ocpp1.6',
    options: { ca, servername: 'localhost', ...options } as ClientOptions,
  });
}

afterEach(async () => {
  await harness.stop();
  await backEnd.close();
});

it('serves charge points that trust its own authority, and none is fooled by another', async () => {
  backEnd = await TestBackEnd.open();
  const url = await run({});
  const { peer } = await dial(url);
  peer.ws.send('[2,"1","Heartbeat",{}]');
  await until(() => backEnd.peers.at(-1)?.got.length === 1, 'the frame at the back end');
  expect(backEnd.last.got[0]!.data.toString()).toBe('[2,"1","Heartbeat",{}]');
  const other = (await issueAuthorities('other', Date.now())).ecdsa.certificate;
  await expect(dial(url, { ca: other })).rejects.toThrow(/certificate/);
  expect(JSON.stringify([await trust(), harness.seen.statuses])).not.toContain('PRIVATE');
});

it('renews what charge points are shown while it runs, under what they trust', async () => {
  backEnd = await TestBackEnd.open();
  const url = await run({});
  const before = await trust();
  const after = (await harness.call('certificates', { renew: 'server' })) as CertificatesAnswer;
  expect(after.trust).toEqual(before.trust);
  expect(after.server[0]!.fingerprint).not.toBe(before.server[0]!.fingerprint);
  const { peer } = await dial(url);
  const shown = (peer.socket as unknown as Pick<TLSSocket, 'getPeerCertificate'>).getPeerCertificate().fingerprint256;
  expect(after.server.map(({ fingerprint }) => fingerprint)).toContain(shown);
  peer.ws.terminate();
});

it('holds a charge point to the identity in its certificate', async () => {
  backEnd = await TestBackEnd.open();
  const { ecdsa } = await issueAuthorities('stations', Date.now());
  const url = await run({ 'station-ca': ecdsa.certificate });
  const as = async (name: string): Promise<TestChargePoint> => {
    const { certificate: cert, key } = await stationCertificate(ecdsa, name);
    return dial(url, { cert, key });
  };
  expect((await as('CP-2')).refused).toMatchObject({ status: 403 });
  expect(backEnd.visits).toEqual([]);
  expect((await as('CP-1')).protocol).toBe('ocpp1.6');
  await expect(dial(url)).rejects.toThrow();
});

it('says nothing to a back end that does not prove itself, and shows its own certificate to one that does', async () => {
  const [theirs, ours, stations] = await Promise.all(
    ['theirs', 'ours', 'stations'].map((who) => issueAuthorities(who, Date.now())),
  );
  const server = await issueServer('rsa', theirs!.rsa, { names: ['localhost', '127.0.0.1'], now: Date.now() });
  const box = await stationCertificate(ours!.ecdsa, 'CP-1');
  backEnd = await TestBackEnd.open({
    tls: { cert: server.certificate, key: server.key, ca: ours!.ecdsa.certificate, requestCert: true },
  });
  const credentials = { 'backend-certificate': box.certificate, 'backend-key': box.key };
  const wrong = await run({ ...credentials, 'backend-ca': stations!.rsa.certificate });
  expect((await dial(wrong)).refused).toMatchObject({ status: 502 });
  expect(backEnd.visits).toEqual([]);
  await harness.stop();
  const right = await run({ ...credentials, 'backend-ca': theirs!.rsa.certificate });
  expect((await dial(right)).protocol).toBe('ocpp1.6');
  await harness.stop();
  const without = await run({ 'backend-ca': theirs!.rsa.certificate });
  expect((await dial(without)).refused).toMatchObject({ status: 502 });
});

it('says which settings mean nothing without TLS', async () => {
  backEnd = await TestBackEnd.open();
  harness = runExtension(ocppProxy, {
    config: { ...DEFAULTS, listen: 'ws://127.0.0.1:0/', backend: backEnd.url, tls: { legacy: true } },
  });
  await harness.until(() => harness.seen.failed !== undefined);
  expect(harness.seen.failed).toMatchObject({ message: expect.stringContaining('tls.legacy mean nothing') as string });
});
