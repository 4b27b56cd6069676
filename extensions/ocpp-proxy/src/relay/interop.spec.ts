import type { AddressInfo } from 'node:net';
import { RPCClient, RPCServer } from 'ocpp-rpc';
import { TestProxy, until } from '../../test-support/index.js';

/** Two ends of another maker, both strict about schemas, with the proxy between them. */
type Call = { readonly method: string; readonly params: unknown };

let proxy: TestProxy;
let server: RPCServer;
let client: RPCClient;

interface Ends {
  readonly atBackEnd: Call[];
  readonly atStation: Call[];
  /** The back end's end of the connection. */
  readonly backEnd: { call(method: string, params: unknown): Promise<unknown> };
}

/** Answers that the schemas of 1.6 and 2.0.1 allow. */
const ANSWERS: Readonly<Record<string, Record<string, unknown>>> = {
  BootNotification: { status: 'Accepted', currentTime: '2026-06-01T10:00:00.000Z', interval: 300 },
  Heartbeat: { currentTime: '2026-06-01T10:00:00.000Z' },
  StatusNotification: {},
  StartTransaction: { transactionId: 7, idTagInfo: { status: 'Accepted' } },
};

const PROFILE = {
  connectorId: 0,
  csChargingProfiles: {
    ...{ chargingProfileId: 9_001_000, stackLevel: 1 },
    ...{ chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute' },
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
  },
};

async function open(protocol: 'ocpp1.6' | 'ocpp2.0.1', password?: string): Promise<Ends> {
  const ends = { atBackEnd: [] as Call[], atStation: [] as Call[] };
  server = new RPCServer({ protocols: ['ocpp1.6', 'ocpp2.0.1'], strictMode: true });
  server.auth((accept, reject, handshake) => {
    if (password !== undefined && handshake.password?.toString() !== password) reject(401, 'wrong password');
    else accept();
  });
  const joined = new Promise<Ends['backEnd']>((resolve) => {
    server.on('client', (peer: RPCClient) => {
      peer.handle(({ method = '', params }) => {
        ends.atBackEnd.push({ method, params });
        return Promise.resolve(ANSWERS[method]!);
      });
      resolve(peer);
    });
  });
  const http = await server.listen(0, '127.0.0.1');
  proxy = await TestProxy.open({ backend: `ws://127.0.0.1:${(http.address() as AddressInfo).port}` });
  client = new RPCClient({
    ...{ endpoint: proxy.url, identity: 'CP 1/ä', protocols: [protocol], strictMode: true, reconnect: false },
    ...(password !== undefined && { password }),
  } as never);
  client.handle(({ method = '', params }) => {
    ends.atStation.push({ method, params });
    return Promise.resolve({ status: 'Accepted' });
  });
  await client.connect();
  return { ...ends, backEnd: await joined };
}

afterEach(async () => {
  await client.close({ force: true });
  proxy.close();
  await server.close({ force: true } as never);
});

it('lets two strict ends speak OCPP 1.6 as if nothing stood between them', async () => {
  const { atBackEnd, atStation, backEnd } = await open('ocpp1.6', 'secret:with colon');
  expect(client.protocol).toBe('ocpp1.6');
  const boot = { chargePointVendor: 'Maker', chargePointModel: 'One' };
  expect(await client.call('BootNotification', boot)).toEqual(ANSWERS['BootNotification']);
  const begin = { connectorId: 1, idTag: 'ABCD', meterStart: 10, timestamp: '2026-06-01T10:00:00.000Z' };
  const [answer, limit] = await Promise.all([
    client.call('StartTransaction', begin),
    backEnd.call('SetChargingProfile', PROFILE),
  ]);
  expect([answer, limit]).toEqual([ANSWERS['StartTransaction'], { status: 'Accepted' }]);
  expect(atBackEnd).toEqual([
    { method: 'BootNotification', params: boot },
    { method: 'StartTransaction', params: begin },
  ]);
  expect(atStation).toEqual([{ method: 'SetChargingProfile', params: PROFILE }]);
});

it('sends a CALL of its own to a strict charge point, of which a strict back end sees nothing', async () => {
  const { atBackEnd, atStation, backEnd } = await open('ocpp1.6');
  const [circuit] = [...proxy.relay.circuits];
  const own = circuit!.inject({ action: 'SetChargingProfile', payload: PROFILE });
  const theirs = backEnd.call('ClearChargingProfile', {});
  expect(await own).toEqual({ status: 'ok', payload: { status: 'Accepted' } });
  expect(await theirs).toEqual({ status: 'Accepted' });
  expect(await client.call('Heartbeat', {})).toEqual(ANSWERS['Heartbeat']);
  expect(atStation.map(({ method }) => method)).toEqual(['SetChargingProfile', 'ClearChargingProfile']);
  expect(atBackEnd.map(({ method }) => method)).toEqual(['Heartbeat']);
});

it('lets two strict ends speak OCPP 2.0.1', async () => {
  const { atBackEnd } = await open('ocpp2.0.1');
  expect(client.protocol).toBe('ocpp2.0.1');
  const boot = { reason: 'PowerUp', chargingStation: { model: 'One', vendorName: 'Maker' } };
  expect(await client.call('BootNotification', boot)).toEqual(ANSWERS['BootNotification']);
  expect(atBackEnd).toEqual([{ method: 'BootNotification', params: boot }]);
});

it('gives a refusal of the back end to the charge point, and both their ends to each other', async () => {
  await open('ocpp1.6', 'right');
  const other = new RPCClient({ endpoint: proxy.url, identity: 'CP2', password: 'wrong', reconnect: false, protocols: ['ocpp1.6'] } as never); // prettier-ignore
  await expect(other.connect()).rejects.toMatchObject({ code: 401 });
  await client.close({ code: 4001, reason: 'over' });
  await until(() => proxy.relay.circuits.size === 0);
});
