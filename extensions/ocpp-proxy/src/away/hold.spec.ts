import { TestBackEnd, testChargePoint, TestProxy, until, type Peer } from '../../test-support/index.js';
import { LOST } from '../relay/wire.js';

const offer = 'ocpp1.6';
const authorization = 'Basic QUw6cHc=';
let backEnd: TestBackEnd;
let proxy: TestProxy;
let station: Peer;

async function open(grace = '30s'): Promise<void> {
  backEnd = await TestBackEnd.open();
  proxy = await TestProxy.open({ backend: backEnd.url, away: 'hold', grace });
  station = (await testChargePoint(`${proxy.url}/A`, { offer, authorization })).peer;
  await until(() => backEnd.peers.length === 1);
}

/** The back end goes without a trace, and its next connections are refused until `back`. */
function lose(): void {
  backEnd.plan = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };
  backEnd.last.ws.terminate();
}

async function gone(): Promise<void> {
  await until(() => [...proxy.relay.circuits].some(({ farSide }) => farSide === undefined), 'the loss');
}

/** The box has all that the charge point sent: it answers a ping behind it. */
async function taken(): Promise<void> {
  const before = station.pongs.length;
  station.ws.ping();
  await until(() => station.pongs.length > before, 'the pong');
}

async function back(): Promise<Peer> {
  const before = backEnd.peers.length;
  backEnd.plan = {};
  await until(() => backEnd.peers.length > before, 'the redial');
  return backEnd.last;
}

afterEach(async () => {
  proxy.close(LOST);
  await backEnd.close();
});

describe('a held charge point', () => {
  it('is answered nothing, and what it sends is handed on once, in order, as it came', async () => {
    await open();
    lose();
    await gone();
    const frames = ['[2,"1","Heartbeat",{}]', '[2,"2","StatusNotification", {"connectorId":1}]', 'broken', ''];
    for (const frame of frames) station.ws.send(frame);
    station.ws.send(Buffer.from([0xff, 0, 1]));
    await taken();
    expect(station.got).toHaveLength(0);
    const { got } = await back();
    await until(() => got.length === 5);
    expect(got.map(({ data }) => data.toString())).toEqual([...frames, Buffer.from([0xff, 0, 1]).toString()]);
    expect(got.map(({ isBinary }) => isBinary)).toEqual([false, false, false, false, true]);
    expect(station.got).toHaveLength(0);
    expect(
      backEnd.visits.map(({ url, headers }) => [url, headers['sec-websocket-protocol'], headers.authorization]),
    ).toEqual(backEnd.visits.map(() => ['/A', offer, authorization]));
    station.ws.send('[2,"9","Heartbeat",{}]');
    await until(() => got.length === 6);
    backEnd.last.ws.send('[3,"9",{}]');
    await until(() => station.got.length === 1);
  });

  it('does not hand on again what may have arrived, nor answers to the lost connection', async () => {
    await open();
    station.ws.send('[2,"1","StartTransaction",{}]');
    await until(() => backEnd.last.got.length === 1);
    backEnd.last.ws.send('[2,"b1","Reset",{}]');
    await until(() => station.got.length === 1);
    lose();
    await gone();
    station.ws.send('[3,"b1",{"status":"Accepted"}]');
    station.ws.send('[4,"unheard","GenericError","",{}]');
    station.ws.send('[2,"2","Heartbeat",{}]');
    await taken();
    const peer = await back();
    await until(() => peer.got.length > 0);
    station.ws.send('[3,"b1",{"status":"Accepted"}]');
    station.ws.send('[2,"3","Heartbeat",{}]');
    await until(() => peer.got.length > 1);
    expect(peer.texts).toEqual(['[2,"2","Heartbeat",{}]', '[2,"3","Heartbeat",{}]']);
  });

  it('that gives up waiting and sends the same again has it arrive once', async () => {
    await open();
    lose();
    await gone();
    station.ws.send('[2,"1","StartTransaction",{"meterStart":1}]');
    station.ws.send('[2,"2","StatusNotification",{}]');
    station.ws.send('[2,"3","StartTransaction",{"meterStart":1}]');
    await taken();
    const peer = await back();
    await until(() => peer.got.length === 2);
    station.ws.send('[2,"4","Heartbeat",{}]');
    await until(() => peer.got.length === 3);
    expect(peer.texts).toEqual([
      '[2,"3","StartTransaction",{"meterStart":1}]',
      '[2,"2","StatusNotification",{}]',
      '[2,"4","Heartbeat",{}]',
    ]);
  });

  it('is closed as its back end was once the grace is over', async () => {
    await open('200ms');
    backEnd.plan = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };
    backEnd.last.ws.close(1012, 'restart');
    await until(() => station.end !== undefined);
    expect(station.end).toEqual({ code: 1012, reason: 'restart' });
    expect(station.got).toHaveLength(0);
  });

  it('is closed where its back end does not want it any more', async () => {
    await open();
    backEnd.plan = { refuse: 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n' };
    backEnd.last.ws.close(1000, 'x');
    await until(() => station.end !== undefined);
    expect(station.end).toEqual({ code: 1000, reason: 'x' });
  });

  it('is closed where its back end chooses another subprotocol', async () => {
    await open();
    backEnd.plan = { protocol: () => 'ocpp2.0.1' };
    backEnd.last.ws.close(1000, 'x');
    await until(() => station.end !== undefined && backEnd.last.end !== undefined);
    expect(backEnd.peers).toHaveLength(2);
    expect(backEnd.last.got).toHaveLength(0);
  });

  it('is closed rather than that one of its frames is lost', async () => {
    await open();
    lose();
    await gone();
    for (let n = 0; n <= 1000; n += 1) station.ws.send(`[2,"${n}","MeterValues",{"n":${n}}]`);
    await until(() => station.end !== undefined);
  });

  it('can be asked meanwhile', async () => {
    await open();
    lose();
    await gone();
    const [circuit] = [...proxy.relay.circuits];
    const answer = circuit!.inject({ action: 'TriggerMessage', payload: {} });
    await until(() => station.got.length === 1);
    const [, id] = JSON.parse(station.texts[0]!) as [number, string];
    station.ws.send(`[3,"${id}",{"status":"Accepted"}]`);
    expect(await answer).toEqual({ status: 'ok', payload: { status: 'Accepted' } });
    const peer = await back();
    station.ws.send('[2,"1","Heartbeat",{}]');
    await until(() => peer.got.length === 1);
    expect(peer.texts).toEqual(['[2,"1","Heartbeat",{}]']);
  });
});
