import { silentLog } from '@smx-edge/model';
import { MemoryState, TestBackEnd, testChargePoint, TestProxy, until, type Peer } from '../../test-support/index.js';
import { dialer } from '../relay/dial.js';
import { LOST } from '../relay/wire.js';
import { mirrorSettingsOf, type MirrorConfig } from './mirror-settings.js';
import { Mirrors } from './mirrors.js';
import { relaySettingsOf } from '../settings.js';
import { DEFAULTS } from '../../test-support/proxy.js';

const offer = 'ocpp1.6';
let backEnd: TestBackEnd;
let secondary: TestBackEnd;
let proxy: TestProxy;
let mirrors: Mirrors;
let state: MemoryState;

async function start(config: Partial<MirrorConfig> = {}, answerWithin = 30_000): Promise<void> {
  const settings = relaySettingsOf({ ...DEFAULTS, backend: secondary.url });
  mirrors = new Mirrors({
    mirrors: mirrorSettingsOf([{ url: `${secondary.url}/copy`, ...config }]),
    dialOf: () => dialer({ settings: { ...settings, stationOf: (id) => ({ ...settings.stationOf(id)!, backend: `${secondary.url}/copy` }) }, tls: {}, onFault: () => {} }), // prettier-ignore
    state,
    log: silentLog,
    ordered: () => {},
    random: () => -0.49,
    answerWithin,
  });
  proxy = await TestProxy.open({ backend: backEnd.url }, { listeners: [mirrors] });
}

async function join(): Promise<Peer> {
  const { peer } = await testChargePoint(`${proxy.url}/CP1`, { offer, authorization: 'Basic Q1AxOnNlY3JldA==' });
  await until(() => backEnd.peers.length > 0);
  return peer;
}

/** Answers each CALL with `{}`. */
function answering(peer: Peer): void {
  const answer = (data: Buffer): void => {
    const [kind, id] = JSON.parse(data.toString()) as [number, string];
    if (kind === 2) peer.ws.send(`[3,"${id}",{}]`);
  };
  for (const { data } of peer.got) answer(data);
  peer.ws.on('message', (data) => answer(data as Buffer));
}

const call = (id: string | number, action: string, payload = '{}'): string => `[2,"${id}","${action}",${payload}]`;
const stop = (n: number): string => call(n, 'StopTransaction', `{"transactionId":${n}}`);

beforeEach(async () => {
  backEnd = await TestBackEnd.open();
  secondary = await TestBackEnd.open();
  state = new MemoryState();
});

afterEach(async () => {
  proxy.close(LOST);
  await mirrors.stop();
  await backEnd.close();
  await secondary.close();
});

describe('a mirror', () => {
  it('gets CALLs byte for byte, one at a time, with its own credentials and nothing else', async () => {
    await start({ auth: 'own' });
    const station = await join();
    await until(() => secondary.peers.length === 1);
    const frames = [
      '[2, "1", "Authorize", {"idTag":"A\\u0042","idTag":"B", "n":12345678901234567890}]',
      call(2, 'Heartbeat'),
    ];
    for (const frame of frames) station.ws.send(frame);
    backEnd.last.ws.send('[2,"b","Reset",{}]');
    await until(() => station.got.length === 1);
    station.ws.send('[3,"b",{"status":"Rejected"}]');
    station.ws.send('broken');
    await until(() => backEnd.last.got.length === 4);
    await until(() => secondary.last.got.length === 1);
    answering(secondary.last);
    await until(() => secondary.last.got.length === 2);
    expect(secondary.last.texts).toEqual(frames);
    expect(secondary.visits).toMatchObject([{ url: '/copy/CP1', headers: { authorization: `Basic ${Buffer.from('CP1:own').toString('base64')}`, 'sec-websocket-protocol': offer } }]); // prettier-ignore
    expect(station.got).toHaveLength(1);
  });

  it('has no credentials where it is given none', async () => {
    await start();
    await join();
    await until(() => secondary.visits.length === 1);
    expect(secondary.visits[0]!.headers.authorization).toBeUndefined();
  });

  it('is refused what it asks, and the charge point hears nothing of it', async () => {
    await start();
    const station = await join();
    await until(() => secondary.peers.length === 1);
    for (const [n, action] of [
      'Reset',
      'UnlockConnector',
      'UpdateFirmware',
      'ChangeConfiguration',
      'Nonsense',
    ].entries())
      secondary.last.ws.send(call(n, action));
    await until(() => secondary.last.got.length === 5);
    expect(secondary.last.texts.map((text) => JSON.parse(text) as unknown)).toEqual([
      [3, '0', { status: 'Rejected' }],
      [3, '1', { status: 'NotSupported' }],
      [4, '2', 'NotSupported', expect.any(String), {}],
      [3, '3', { status: 'Rejected' }],
      [4, '4', 'NotSupported', expect.any(String), {}],
    ]);
    station.ws.send(call('x', 'Heartbeat'));
    await until(() => backEnd.last.got.length === 1);
    expect(station.got).toHaveLength(0);
  });

  it('asks through the scheduler what it may, under an id of this box', async () => {
    await start({ calls: ['GetConfiguration'] });
    const station = await join();
    await until(() => secondary.peers.length === 1);
    secondary.last.ws.send('[2,"same","GetConfiguration",{"key":["a"]}]');
    await until(() => station.got.length === 1);
    const [, id, action, payload] = JSON.parse(station.texts[0]!) as [number, string, string, unknown];
    expect([id, action, payload]).toEqual([expect.stringMatching(/^smx-/), 'GetConfiguration', { key: ['a'] }]);
    station.ws.send(`[3,"${id}",{"configurationKey":[],"unknownKey":["a"]}]`);
    await until(() => secondary.last.got.length === 1);
    expect(secondary.last.texts).toEqual(['[3,"same",{"configurationKey":[],"unknownKey":["a"]}]']);
    expect(backEnd.last.got).toHaveLength(0);
  });

  it('is told of no answer where the charge point nests one without end', async () => {
    await start({ calls: ['GetConfiguration'] });
    const station = await join();
    await until(() => secondary.peers.length === 1);
    secondary.last.ws.send(call('g', 'GetConfiguration'));
    await until(() => station.got.length === 1);
    const [, id] = JSON.parse(station.texts[0]!) as [number, string];
    station.ws.send(`[3,"${id}",{"configurationKey":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`);
    await until(() => secondary.last.got.length === 1);
    expect(JSON.parse(secondary.last.texts[0]!)).toEqual([4, 'g', 'GenericError', '', {}]);
  });

  it('that floods the box with CALLs is left, and the charge point goes on', async () => {
    await start({ calls: ['TriggerMessage'] });
    const station = await join();
    await until(() => secondary.peers.length === 1);
    const peer = secondary.last;
    for (let n = 0; n < 2000; n += 1) peer.ws.send(call(n, n % 2 === 0 ? 'TriggerMessage' : 'Reset'));
    for (let n = 0; n < 100; n += 1) peer.ws.send('[3,"never",{}]');
    await until(() => peer.end !== undefined);
    expect(peer.end!.code).toBe(1008);
    expect(station.got.length).toBeLessThanOrEqual(20);
    station.ws.send(call('x', 'Heartbeat'));
    await until(() => backEnd.last.texts.includes(call('x', 'Heartbeat')));
  });

  it('that hangs delays nobody', async () => {
    await start({}, 50);
    const station = await join();
    await until(() => secondary.peers.length === 1);
    secondary.last.ws.pause();
    answering(backEnd.last);
    for (let n = 0; n < 500; n += 1) station.ws.send(call(n, 'MeterValues', `{"n":"${'x'.repeat(1000)}"}`));
    await until(() => station.got.length === 500, 'the answers of the back end');
    expect(mirrors.standing('CP1')[0]!.waiting).toBeLessThanOrEqual(100);
    // what says nothing later is left out, a transaction is not
    station.ws.send(stop(7));
    await until(() => secondary.peers.some(({ texts }) => texts.includes(stop(7))), 'the transaction');
  });
});

describe('a mirror that is away', () => {
  const DOWN = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };

  it('gets what matters later, in order, after what the charge point is', async () => {
    await start();
    const station = await join();
    await until(() => secondary.peers.length === 1);
    answering(secondary.last);
    const boot = call('b', 'BootNotification', '{"chargePointModel":"x"}');
    const status = (n: number, word: string): string => call(`s${n}${word}`, 'StatusNotification', `{"connectorId":${n},"status":"${word}"}`); // prettier-ignore
    for (const frame of [boot, status(1, 'Available'), status(2, 'Available')]) station.ws.send(frame);
    await until(() => secondary.last.got.length === 3);
    secondary.plan = DOWN;
    secondary.last.ws.terminate();
    await until(() => !mirrors.standing('CP1')[0]!.connected);
    for (const frame of [stop(1), call('h', 'Heartbeat'), status(2, 'Charging'), status(2, 'Faulted'), stop(2)]) station.ws.send(frame); // prettier-ignore
    await until(() => backEnd.last.got.length === 8 && mirrors.standing('CP1')[0]!.waiting === 3);
    secondary.plan = {};
    await until(() => secondary.peers.length === 2);
    answering(secondary.last);
    await until(() => mirrors.standing('CP1')[0]!.waiting === 0);
    expect(secondary.last.texts).toEqual([boot, status(1, 'Available'), stop(1), status(2, 'Faulted'), stop(2)]);
  });

  it('gets what waited over a restart of this box, and keeps nothing then', async () => {
    secondary.plan = DOWN;
    await start();
    const station = await join();
    for (let n = 1; n <= 20; n += 1) station.ws.send(stop(n));
    await until(() => mirrors.standing('CP1')[0]!.waiting === 20);
    proxy.close(LOST);
    await mirrors.stop();
    expect(state.kept.size).toBe(20);
    secondary.plan = {};
    await start();
    const again = await join();
    again.ws.send(stop(21));
    await until(() => secondary.peers.length === 1);
    answering(secondary.last);
    await until(() => secondary.last.got.length === 21 && state.kept.size === 1);
    expect(secondary.last.texts).toEqual(Array.from({ length: 21 }, (_, n) => stop(n + 1)));
  });

  it('costs no more than its bounds', async () => {
    secondary.plan = DOWN;
    state.limit = 2000;
    await start();
    const station = await join();
    for (let n = 1; n <= 10_050; n += 1) station.ws.send(stop(n));
    await until(() => backEnd.last.got.length === 10_050);
    await until(() => mirrors.standing('CP1')[0]!.dropped === 50);
    expect(mirrors.standing('CP1')[0]!.waiting).toBe(10_000);
  });

  it('is told again of no more connectors than a charge point has, the newest', async () => {
    await start();
    const station = await join();
    await until(() => secondary.peers.length === 1);
    answering(secondary.last);
    for (let n = 1; n <= 100; n += 1) station.ws.send(call(n, 'StatusNotification', `{"connectorId":${n}}`));
    station.ws.send(call('long', 'StatusNotification', `{"connectorId":101,"info":"${'x'.repeat(10_000)}"}`));
    await until(() => secondary.last.got.length === 101);
    await until(() => mirrors.standing('CP1')[0]!.waiting === 0);
    secondary.last.ws.terminate();
    await until(() => secondary.peers.length === 2);
    answering(secondary.last);
    station.ws.send(stop(1));
    await until(() => secondary.last.texts.includes(stop(1)));
    expect(secondary.last.texts).toHaveLength(66);
    expect(secondary.last.texts[64]).toBe(call(100, 'StatusNotification', '{"connectorId":100}'));
  });

  it('shares the memory that all charge points have', async () => {
    secondary.plan = DOWN;
    await start();
    const long = (n: number): string =>
      call(n, 'StopTransaction', `{"transactionId":${n},"x":"${'x'.repeat(900_000)}"}`);
    const identities = ['A', 'B', 'C', 'D', 'E'];
    for (const identity of identities) {
      const { peer } = await testChargePoint(`${proxy.url}/${identity}`, { offer });
      for (let n = 1; n <= 4; n += 1) peer.ws.send(long(n));
      await until(() => backEnd.peers.at(-1)!.got.length === 4);
    }
    await until(() => identities.reduce((sum, id) => sum + mirrors.standing(id)[0]!.waiting + mirrors.standing(id)[0]!.dropped, 0) === 20); // prettier-ignore
    expect(identities.reduce((sum, id) => sum + mirrors.standing(id)[0]!.waiting, 0)).toBe(13);
  });
});

it('a mirror with numbers of its own gets them in place of those of the back end', async () => {
  await start({ 'transaction-map': true });
  const station = await join();
  await until(() => secondary.peers.length === 1);
  station.ws.send(call('s', 'StartTransaction'));
  await until(() => backEnd.last.got.length === 1 && secondary.last.got.length === 1);
  secondary.last.ws.send('[3,"s",{"transactionId":77,"idTagInfo":{"status":"Accepted"}}]');
  backEnd.last.ws.send('[3,"s",{"transactionId":5,"idTagInfo":{"status":"Accepted"}}]');
  await until(() => station.got.length === 1);
  station.ws.send('[2,"m","MeterValues",{"connectorId":5, "transactionId" : 5 ,"meterValue":[]}]');
  await until(() => secondary.last.got.length === 2);
  secondary.last.ws.send('[3,"m",{}]');
  station.ws.send(stop(5));
  await until(() => secondary.last.got.length === 3);
  expect(secondary.last.texts.slice(1)).toEqual([
    '[2,"m","MeterValues",{"connectorId":5, "transactionId" : 77 ,"meterValue":[]}]',
    '[2,"5","StopTransaction",{"transactionId":77}]',
  ]);
  expect(backEnd.last.texts.at(-1)).toBe(stop(5));
});
