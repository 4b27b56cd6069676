import { silentLog } from '@smx-edge/model';
import {
  TestBackEnd,
  testChargePoint,
  TestProxy,
  type TestProxyParts,
  until,
  type ChargePointPlan,
  type TestChargePoint,
} from '../../test-support/index.js';
import type { CircuitListener } from './circuit.js';
import type { ProxyConfig } from '../settings.js';

let backEnd: TestBackEnd;
let proxy: TestProxy;

async function open(config: Partial<ProxyConfig> = {}, parts: TestProxyParts = {}): Promise<void> {
  backEnd = await TestBackEnd.open();
  proxy = await TestProxy.open({ backend: `${backEnd.url}/base`, ...config }, parts);
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

describe('frames', () => {
  const frames = [
    Buffer.from('[2,"1","Heartbeat", { "a":1.0, "a":12345678901234567890 } ]'),
    Buffer.alloc(0),
    Buffer.from([0x5b, 0xff, 0xfe, 0x00, 0x80]),
    Buffer.from('{broken'),
    Buffer.alloc(1024 * 1024, 0x61),
  ];
  const sent = frames.flatMap((data) => [
    { data, isBinary: false },
    { data, isBinary: true },
  ]);

  it('go on byte for byte both ways', async () => {
    await open();
    const peer = await joined();
    for (const { data, isBinary } of sent) {
      peer.ws.send(data, { binary: isBinary });
      backEnd.last.ws.send(data, { binary: isBinary });
    }
    await until(() => backEnd.last.got.length === sent.length && peer.got.length === sent.length);
    for (const got of [backEnd.last.got, peer.got])
      expect(got.map(({ data, isBinary }, i) => isBinary === sent[i]!.isBinary && data.equals(sent[i]!.data))).toEqual(
        sent.map(() => true),
      );
  });

  it('come whole where they were sent in pieces', async () => {
    await open();
    const peer = await joined();
    for (const piece of ['[2,"1",', '', '"Heartbeat",']) peer.ws.send(piece, { fin: false });
    peer.ws.send('{}]', { fin: true });
    await until(() => backEnd.last.got.length === 1);
    expect(backEnd.last.texts).toEqual(['[2,"1","Heartbeat",{}]']);
  });

  it('of more than 1 MiB end the connection with 1009 at both ends, and the log has their size', async () => {
    const warned: unknown[] = [];
    await open({}, { log: { ...silentLog, warn: (_message, fields) => warned.push(fields) } });
    const peer = await joined();
    peer.ws.send(Buffer.alloc(1024 * 1024 + 1));
    await until(() => peer.end !== undefined && backEnd.last.end !== undefined);
    expect([peer.end!.code, backEnd.last.end!.code]).toEqual([1009, 1009]);
    expect(warned).toEqual([
      expect.objectContaining({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', bytes: 1024 * 1024 + 1 }),
    ]);
  });

  it('that are compressed without agreement end it with 1002', async () => {
    await open();
    const peer = await joined();
    peer.socket.write(Buffer.from([0xc1, 0x80, 1, 2, 3, 4]));
    await until(() => peer.end !== undefined && backEnd.last.end !== undefined);
    expect([peer.end!.code, backEnd.last.end!.code]).toEqual([1002, 1002]);
  });
});

describe('an injected CALL', () => {
  it('is answered to who asked, and the back end never hears of it', async () => {
    const heard: string[] = [];
    const note: CircuitListener = {
      opened: () => heard.push('opened'),
      fromChargePoint: (_circuit, _frame, head) => heard.push(`up ${head?.id}`),
      fromFarSide: (_circuit, _frame, head) => heard.push(`down ${head?.id}`),
      closed: (_circuit, { code }) => heard.push(`closed ${code}`),
    };
    await open({}, { listeners: [note] });
    const peer = await joined();
    const circuit = proxy.relay.circuits.get('CP1')!;
    const answer = circuit.inject({ action: 'GetConfiguration', payload: { key: [] } });
    await until(() => peer.got.length === 1);
    const [, id] = JSON.parse(peer.texts[0]!) as [number, string];
    backEnd.last.ws.send('[2,"held","Reset",{}]');
    backEnd.last.ws.send('[3,"x",{}]');
    await until(() => peer.got.length === 2);
    expect(peer.texts[1]).toBe('[3,"x",{}]');
    peer.ws.send(`[3,"${id}",{"configurationKey":[]}]`);
    expect(await answer).toEqual({ status: 'ok', payload: { configurationKey: [] } });
    await until(() => peer.got.length === 3);
    expect(peer.texts[2]).toBe('[2,"held","Reset",{}]');
    peer.ws.send('[3,"held",{}]');
    await until(() => backEnd.last.got.length === 1);
    expect(backEnd.last.texts).toEqual(['[3,"held",{}]']);
    peer.ws.close(1000);
    await until(() => heard.length === 5);
    expect(heard).toEqual(['opened', 'down held', 'down x', 'up held', 'closed 1000']);
    expect(await circuit.inject({ action: 'Reset', payload: {} })).toEqual({ status: 'absent', wasSent: false });
  });
});

describe('the end of a connection', () => {
  it.each([
    ['a code and a reason', 4001, 'why ü'],
    ['1000', 1000, ''],
    ['no code', 1005, ''],
    ['no close frame', 1006, ''],
  ])('goes on as it came, with %s', async (_what, code, reason) => {
    await open();
    const end = (ws: TestChargePoint['peer']['ws']): void => {
      if (code === 1006) ws.terminate();
      else if (code === 1005) ws.close();
      else ws.close(code, reason);
    };
    const first = await joined();
    end(first.ws);
    await until(() => backEnd.last.end !== undefined);
    expect(backEnd.last.end).toEqual({ code, reason });
    const second = await joined();
    end(backEnd.last.ws);
    await until(() => second.end !== undefined);
    expect(second.end).toEqual({ code, reason });
    await until(() => proxy.relay.circuits.size === 0);
  });

  it('comes without a close frame to a charge point that cannot take one', async () => {
    await open({ stations: { CP1: { 'close-style': 'abort' } } });
    const peer = await joined();
    backEnd.last.ws.close(1001);
    await until(() => peer.end !== undefined);
    expect(peer.end!.code).toBe(1006);
  });

  it('is told where it comes with the answer to the upgrade', async () => {
    await open();
    backEnd.plan = { greeting: 'bye', closes: 4000 };
    const { peer } = await dial();
    await until(() => peer.end !== undefined);
    expect([peer.texts, peer.end]).toEqual([['bye'], { code: 4000, reason: '' }]);
    expect(proxy.relay.circuits.size).toBe(0);
  });

  it('comes to the older one of two of a charge point', async () => {
    await open();
    const first = await joined();
    const [older] = backEnd.peers;
    const second = await joined();
    await until(() => first.end !== undefined && older!.end !== undefined);
    second.ws.send('still');
    await until(() => backEnd.last.got.length === 1);
    expect(proxy.relay.circuits.size).toBe(1);
  });

  it('does not come to a charge point because somebody else gave its name', async () => {
    await open();
    const first = await joined({ authorization: 'Basic right' });
    backEnd.plan = { refuse: 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n' };
    expect((await dial({ authorization: 'Basic wrong' })).refused?.status).toBe(401);
    expect(first.end).toBeUndefined();
    backEnd.plan = {};
    await joined({ authorization: 'Basic new' });
    await until(() => first.end !== undefined);
  });
});

describe('life', () => {
  it('is asked for on both hops, and a peer that falls silent is given up', async () => {
    await open({ 'ping-station': '20ms', 'ping-backend': '20ms' });
    const peer = await joined({ options: { autoPong: false } });
    await until(() => peer.pings.length > 5 && backEnd.last.pings.length > 5);
    expect(backEnd.last.pongs).toEqual([]);
    peer.ws.pong();
    await until(() => peer.end !== undefined && backEnd.last.end !== undefined);
    expect(backEnd.last.end!.code).toBe(1006);
  });

  it('is asked for from end to end where it is to be', async () => {
    await open({ pings: 'e2e', 'ping-station': '20ms', 'ping-backend': '20ms' });
    const peer = await joined();
    backEnd.last.ws.ping('are you there');
    peer.ws.ping('and you');
    await until(() => backEnd.last.pongs.length > 0 && peer.pongs.length > 0);
    expect([backEnd.last.pings, backEnd.last.pongs, peer.pings, peer.pongs].map(String)).toEqual(['and you', 'are you there', 'are you there', 'and you']); // prettier-ignore
  });
});

it('an answer waits where it may not come too fast', async () => {
  await open({ stations: { CP1: { 'min-response-delay': { StartTransaction: '120ms' } } } });
  const peer = await joined();
  backEnd.last.ws.on('message', () => backEnd.last.ws.send('[3,"1",{}]'));
  const began = performance.now();
  peer.ws.send('[2,"1","StartTransaction",{}]');
  await until(() => peer.got.length === 1);
  expect(performance.now() - began).toBeGreaterThanOrEqual(115);
});

it('what is not taken stays with the sender, and all of it arrives', async () => {
  await open();
  const peer = await joined();
  backEnd.last.ws.pause();
  const piece = Buffer.alloc(256 * 1024, 0x62);
  for (let i = 0; i < 128; i++) peer.ws.send(piece, { binary: true });
  await until(() => (proxy.relay.circuits.get('CP1')!.farSide?.bufferedAmount ?? 0) > 512 * 1024);
  expect(proxy.relay.circuits.get('CP1')!.farSide!.bufferedAmount).toBeLessThan(3 * 1024 * 1024);
  backEnd.last.ws.resume();
  await until(() => backEnd.last.got.length === 128);
  expect(backEnd.last.got.every(({ data }) => data.equals(piece))).toBe(true);
});

it('a back end that takes nothing for too long is given up', async () => {
  await open({}, { stuckAfter: 50 });
  const peer = await joined();
  backEnd.last.ws.pause();
  const piece = Buffer.alloc(256 * 1024, 0x62);
  for (let i = 0; i < 128; i++) peer.ws.send(piece, { binary: true });
  await until(() => peer.end !== undefined, 'the end');
  expect(peer.end!.code).toBe(1006);
  expect(proxy.relay.circuits.size).toBe(0);
});
