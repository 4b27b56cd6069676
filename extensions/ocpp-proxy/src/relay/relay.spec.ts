import { connect } from 'node:net';
import {
  TestBackEnd,
  testChargePoint,
  TestProxy,
  until,
  type ChargePointPlan,
  type TestChargePoint,
} from '../../test-support/index.js';
import type { ProxyConfig } from '../settings.js';

let backEnd: TestBackEnd;
let proxy: TestProxy;

async function open(config: Partial<ProxyConfig> = {}): Promise<void> {
  backEnd = await TestBackEnd.open();
  proxy = await TestProxy.open({ backend: `${backEnd.url}/base`, ...config });
}

const dial = (plan: ChargePointPlan = {}, id = 'CP1'): Promise<TestChargePoint> =>
  testChargePoint(`${proxy.url}/${id}`, plan);

async function joined(plan: ChargePointPlan = { offer: 'ocpp1.6' }, id = 'CP1'): Promise<TestChargePoint['peer']> {
  const before = backEnd.peers.length;
  const { peer } = await dial(plan, id);
  await until(() => backEnd.peers.length > before, 'the connection at the back end');
  return peer;
}

afterEach(async () => {
  proxy.close();
  await backEnd.close();
});

describe('the upgrade', () => {
  it('passes path, query, offer and Authorization on as they came', async () => {
    await open();
    const authorization = 'Basic QUwxMDAwOgABAgMEBQYH////////////////';
    await joined({ path: '/ocpp/a/..b/%43P%201|?x=%20&y=/../#', offer: 'ocpp2.1, ocpp1.6 ,x', authorization });
    expect(backEnd.visits).toMatchObject([
      {
        url: '/base/a/..b/%43P%201|?x=%20&y=/../#',
        headers: { authorization, 'sec-websocket-protocol': 'ocpp2.1, ocpp1.6, x' },
      },
    ]);
    expect([...proxy.relay.circuits].map(({ handshake }) => handshake.identity)).toEqual(['CP 1|']);
  });

  it.each([
    ['the one the back end chose', 'ocpp2.0.1, ocpp1.6', 'ocpp1.6', 'ocpp1.6'],
    ['none where it chose none', 'ocpp2.0.1', '', undefined],
    ['none where none was offered', undefined, '', undefined],
    ['one that was not offered', 'ocpp1.6', 'ocpp9', 'ocpp9'],
  ])('gives %s', async (_what, offer, chosen, given) => {
    await open();
    backEnd.plan = { protocol: () => chosen };
    const { protocol } = await dial({ ...(offer !== undefined && { offer }) });
    expect(protocol).toBe(given);
    expect(backEnd.visits[0]!.headers['sec-websocket-protocol']).toBe(offer);
  });

  it.each([401, 403, 404, 429, 503])('gives the refusal of the back end on: %d', async (status) => {
    await open();
    const body = 'not you';
    backEnd.plan = {
      refuse: `HTTP/1.1 ${status} No\r\nWWW-Authenticate: Basic realm="x"\r\nRetry-After: 7\r\nX-Other: 1\r\nContent-Length: 7\r\n\r\n${body}`,
    };
    const { refused } = await dial();
    expect(refused).toMatchObject({
      status,
      body,
      headers: { 'www-authenticate': 'Basic realm="x"', 'retry-after': '7' },
    });
    expect(refused!.headers['x-other']).toBeUndefined();
  });

  it('does not send a charge point elsewhere', async () => {
    await open();
    backEnd.plan = {
      refuse: 'HTTP/1.1 307 No\r\nLocation: ws://elsewhere.example/\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n',
    };
    const { refused } = await dial();
    expect(refused).toMatchObject({ status: 307, headers: { 'retry-after': '7' } });
    expect(refused!.headers.location).toBeUndefined();
  });

  it('says 502 where nobody listens, and where what listens speaks something else', async () => {
    await open({ backend: 'ws://127.0.0.1:1' });
    expect((await dial()).refused?.status).toBe(502);
    proxy.close();
    proxy = await TestProxy.open({ backend: backEnd.url });
    backEnd.plan = { refuse: 'SSH-2.0\r\n' };
    expect((await dial()).refused?.status).toBe(502);
  });

  it('loses nothing that comes with the answers', async () => {
    await open();
    backEnd.plan = { greeting: '[2,"g","TriggerMessage",{}]' };
    const { peer } = await dial();
    peer.ws.send('[2,"b","BootNotification",{}]');
    await until(() => backEnd.last.got.length === 1 && peer.got.length === 1);
    expect([backEnd.last.texts, peer.texts]).toEqual([
      ['[2,"b","BootNotification",{}]'],
      ['[2,"g","TriggerMessage",{}]'],
    ]);
  });

  it('is for those who are configured, each with its own back end, identity and address', async () => {
    const other = await TestBackEnd.open();
    await open({ stations: { CP1: {}, 'CP 2': { backend: `${other.url}/x?key=1`, 'back-end-id': 'NL/2' }, CP3: { backend: `${other.url}/fixed`, append: false }, CP4: { subprotocol: 'ocpp1.6' } } }); // prettier-ignore
    expect((await dial({}, 'CP9')).refused?.status).toBe(404);
    expect((await dial({ path: '/other/CP1' })).refused?.status).toBe(404);
    expect((await dial({ path: '/ocpp/' })).refused?.status).toBe(404);
    expect(backEnd.visits).toEqual([]);
    await dial({}, 'CP%202?a=b');
    await dial({}, 'CP3?a=b');
    await dial({}, 'CP4');
    expect(other.visits.map(({ url }) => url)).toEqual(['/x/NL%2F2?key=1&a=b', '/fixed']);
    expect(backEnd.visits[0]!.headers['sec-websocket-protocol']).toBe('ocpp1.6');
    await other.close();
  });

  it.each([
    ['hides another identity before a fragment', '/CP2#/CP1'],
    ['leads out of the base', '/../admin/CP1'],
    ['leads out of it in disguise', '/x/%2e%2E/..\\CP1/CP1'],
    ['leads to the folder above', '/CP2/..'],
    ['is longer than any identity', `/${'A'.repeat(256)}`],
    ['has a control character', '/CP%0a1'],
  ])('is refused where its path %s', async (_what, path) => {
    await open();
    expect((await dial({ path: `/ocpp${path}` })).refused?.status).toBe(404);
    expect(backEnd.visits).toEqual([]);
  });

  it('is not held up by connections of one address that say nothing', async () => {
    await open({ 'most-stations': 4 });
    const port = Number(new URL(proxy.url).port);
    const silent = Array.from({ length: 72 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    let closed = 0;
    for (const one of silent) one.once('close', () => (closed += 1)).resume();
    await until(() => closed === 72 - 16, 'the end of the older ones');
    await joined();
    for (const one of silent) one.destroy();
  });

  it('is refused where one address asks too often or all places are taken', async () => {
    await open({ 'most-stations': 1, 'upgrades-per-minute': 3 });
    await joined();
    expect((await dial({}, 'CP2')).refused?.status).toBe(503);
    await joined();
    expect((await dial()).refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
  });
});
