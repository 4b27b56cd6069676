import { MemoryState, TestBackEnd, testChargePoint, TestProxy, until, type Peer } from '../../test-support/index.js';
import { LOST } from '../relay/wire.js';

const DOWN = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };
const offer = 'ocpp1.6';
const authorization = 'Basic QTpwdw==';
let backEnd: TestBackEnd;
let proxy: TestProxy;
let state: MemoryState;
let station: Peer;
let ids = 0;

type Payload = Record<string, unknown>;

async function open(unknown: 'accept' | 'deny' = 'deny'): Promise<void> {
  proxy = await TestProxy.open(
    { backend: backEnd.url, away: 'island' },
    { random: () => -0.49, island: { state, now: Date.now, tags: ['ALWAYS'], acceptsUnknown: unknown === 'accept' } },
  );
}

async function join(plan: { offer?: string; authorization?: string } = {}): Promise<number | undefined> {
  const { peer, refused } = await testChargePoint(`${proxy.url}/A`, { offer, authorization, ...plan });
  if (refused === undefined) station = peer;
  return refused?.status;
}

/** A CALL of the charge point and its answer. */
async function ask(action: string, payload: Payload = {}): Promise<Payload> {
  const id = `cp${(ids += 1)}`;
  station.ws.send(JSON.stringify([2, id, action, payload]));
  const of = (): string | undefined => station.texts.find((text) => text.startsWith(`[3,"${id}"`));
  await until(() => of() !== undefined, `the answer to ${action}`);
  return (JSON.parse(of()!) as [number, string, Payload])[2];
}

/** Answers as a back end does, transactions from 101 on. */
function serve(): void {
  let next = 100;
  const seen = new Set<Peer>();
  const answers: Record<string, (payload: Payload) => Payload> = {
    BootNotification: () => ({ status: 'Accepted', interval: 77, currentTime: '2026-01-01T00:00:00Z' }),
    Authorize: ({ idTag }) => ({ idTagInfo: { status: idTag === 'GOOD' ? 'Accepted' : 'Blocked' } }),
    StartTransaction: () => ({ transactionId: (next += 1), idTagInfo: { status: 'Accepted' } }),
  };
  const attach = (peer: Peer): void => {
    seen.add(peer);
    const answer = (data: Buffer): void => {
      const [kind, id, action, payload] = JSON.parse(data.toString()) as [number, string, string, Payload];
      if (kind === 2) peer.ws.send(JSON.stringify([3, id, answers[action]?.(payload) ?? {}]));
    };
    for (const { data } of peer.got) answer(data);
    peer.ws.on('message', (data) => answer(data as Buffer));
  };
  watching = setInterval(() => backEnd.peers.filter((peer) => !seen.has(peer)).forEach(attach), 1);
}
let watching: NodeJS.Timeout;

async function goAway(): Promise<void> {
  backEnd.plan = DOWN;
  const before = [...proxy.relay.circuits][0]?.farSide;
  backEnd.last.ws.terminate();
  await until(() => [...proxy.relay.circuits][0]?.farSide !== before, 'the loss');
}

const calls = (): [string, Payload][] =>
  backEnd.peers
    .flatMap(({ texts }) => texts)
    .map((text) => JSON.parse(text) as [number, string, string, Payload])
    .filter(([kind]) => kind === 2)
    .map(([, , action, payload]) => [action, payload]);

beforeEach(async () => {
  backEnd = await TestBackEnd.open();
  state = new MemoryState();
  serve();
});

afterEach(async () => {
  clearInterval(watching);
  proxy.close(LOST);
  await backEnd.close();
});

it('serves a charge point while its back end is away, and tells it afterwards what happened, under its numbers', async () => {
  await open();
  await join();
  await ask('BootNotification', { chargePointModel: 'x', chargePointVendor: 'y' });
  await ask('Authorize', { idTag: 'GOOD' });
  await ask('Authorize', { idTag: 'BAD' });
  await until(() => state.kept.has('island/tags') && (state.kept.get('island/A/station') ?? '').includes('77'));
  await goAway();
  expect(await ask('Heartbeat')).toEqual({ currentTime: expect.any(String) });
  expect(await ask('BootNotification', { chargePointModel: 'x' })).toMatchObject({ status: 'Accepted', interval: 77 });
  expect(await ask('Authorize', { idTag: 'good' })).toEqual({ idTagInfo: { status: 'Accepted' } });
  expect(await ask('Authorize', { idTag: 'BAD' })).toEqual({ idTagInfo: { status: 'Blocked' } });
  expect(await ask('Authorize', { idTag: 'OTHER' })).toEqual({ idTagInfo: { status: 'Invalid' } });
  expect(await ask('Authorize', { idTag: 'ALWAYS' })).toEqual({ idTagInfo: { status: 'Accepted' } });
  const start = (n: number): Payload => ({
    connectorId: n,
    idTag: 'GOOD',
    meterStart: n,
    timestamp: '2026-01-02T03:04:05Z',
  });
  const first = (await ask('StartTransaction', start(1)))['transactionId'] as number;
  expect(first).toBeGreaterThanOrEqual(2_000_000_000);
  expect((await ask('StartTransaction', start(1)))['transactionId']).toBe(first);
  await ask('MeterValues', { connectorId: 1, transactionId: first, meterValue: [] });
  await ask('StopTransaction', { transactionId: first, meterStop: 9, timestamp: '2026-01-02T04:00:00Z' });
  await ask('StatusNotification', { connectorId: 2, status: 'Charging' });
  const second = (await ask('StartTransaction', start(2)))['transactionId'] as number;
  const before = calls().length;
  backEnd.plan = {};
  await until(() => calls().length === before + 6, 'what happened meanwhile');
  expect(calls().slice(before)).toEqual([
    ['BootNotification', { chargePointModel: 'x', chargePointVendor: 'y' }],
    ['StatusNotification', { connectorId: 2, status: 'Charging' }],
    ['StartTransaction', start(1)],
    ['MeterValues', { connectorId: 1, transactionId: 101, meterValue: [] }],
    ['StopTransaction', { transactionId: 101, meterStop: 9, timestamp: '2026-01-02T04:00:00Z' }],
    ['StartTransaction', start(2)],
  ]);
  backEnd.last.ws.send('[2,"r","RemoteStopTransaction",{"transactionId":102}]');
  await until(() => station.texts.some((text) => text.includes('RemoteStop')));
  expect(station.texts.at(-1)).toBe(`[2,"r","RemoteStopTransaction",{"transactionId":${second}}]`);
  station.ws.send('[3,"r",{"status":"Accepted"}]');
  await until(() => backEnd.last.texts.includes('[3,"r",{"status":"Accepted"}]'));
  await ask('MeterValues', { connectorId: 2, transactionId: second, meterValue: [] });
  await ask('StopTransaction', { transactionId: second, meterStop: 10 });
  expect(calls().slice(-2)).toEqual([
    ['MeterValues', { connectorId: 2, transactionId: 102, meterValue: [] }],
    ['StopTransaction', { transactionId: 102, meterStop: 10 }],
  ]);
  await until(() => !(state.kept.get('island/A/station') ?? '').includes('102'));
  expect([...state.kept.values()].join()).not.toMatch(/GOOD|BAD|QTpwdw/);
});

it('lets in without a back end only who was let in by it, with the same Authorization and version', async () => {
  await open();
  backEnd.plan = DOWN;
  expect(await join()).toBe(503);
  backEnd.plan = {};
  let status: number | undefined = 503;
  while (status !== undefined) status = await join();
  await until(() => (state.kept.get('island/A/station') ?? '').includes('authorization'));
  proxy.close(LOST);
  backEnd.plan = DOWN;
  await open();
  expect(await join({ authorization: 'Basic QTpubw==' })).toBe(503);
  expect(await join({ offer: 'ocpp2.0.1' })).toBe(503);
  expect(await join({ offer: 'ocpp2.0.1, ocpp1.6' })).toBeUndefined();
  expect(await ask('Heartbeat')).toEqual({ currentTime: expect.any(String) });
  backEnd.plan = { refuse: 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n' };
  proxy.close(LOST);
  await open();
  expect(await join()).toBe(401);
});

it('closes a charge point that its back end does not let in any more', async () => {
  await open();
  await join();
  await until(() => (state.kept.get('island/A/station') ?? '').includes('authorization'));
  await goAway();
  await ask('Heartbeat');
  backEnd.plan = { refuse: 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' };
  await until(() => station.end !== undefined);
  expect(station.end!.code).toBe(1008);
  await until(() => !(state.kept.get('island/A/station') ?? '').includes('authorization'));
});

it('lets a charge point wait that says more than is kept meanwhile', async () => {
  await open();
  await join();
  await ask('BootNotification', { chargePointModel: 'x' });
  await until(() => (state.kept.get('island/A/station') ?? '').includes('authorization'));
  await goAway();
  const { farSide } = [...proxy.relay.circuits][0]!;
  const set = state.set.bind(state);
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  jest.spyOn(state, 'set').mockImplementation((key, value) => held.then(() => set(key, value)));
  const long = JSON.stringify([2, 'm', 'MeterValues', { transactionId: 1, x: 'x'.repeat(10_000) }]);
  for (let n = 0; n < 1_000; n += 1) station.ws.send(long);
  await until(() => farSide!.bufferedAmount > 1_000_000, 'what waits');
  expect(farSide!.bufferedAmount).toBeLessThan(2 * 1024 * 1024);
  release();
  await until(() => station.texts.filter((text) => text === '[3,"m",{}]').length === 1_000, 'all answers');
  expect(farSide!.bufferedAmount).toBe(0);
});

it('does not answer a start that it could not keep', async () => {
  await open('accept');
  await join();
  await ask('BootNotification', { chargePointModel: 'x' });
  await until(() => (state.kept.get('island/A/station') ?? '').includes('77'));
  await goAway();
  state.limit = 0;
  station.ws.send('[2,"s","StartTransaction",{"connectorId":1,"idTag":"T","meterStart":1}]');
  await ask('Heartbeat');
  expect(station.texts.some((text) => text.includes('"s"'))).toBe(false);
});

describe('a start or stop that the charge point says again, for it has no answer,', () => {
  const start: Payload = { connectorId: 1, idTag: 'GOOD', meterStart: 1, timestamp: '2026-01-02T03:04:05Z' };
  const stop: Payload = { transactionId: 101, meterStop: 9, timestamp: '2026-01-02T04:00:00Z' };
  const count = (action: string): number => calls().filter(([name]) => name === action).length;

  it('is answered as the back end did before it went, and not told again', async () => {
    await open('accept');
    await join();
    expect(await ask('StartTransaction', start)).toMatchObject({ transactionId: 101 });
    await until(() => (state.kept.get('island/A/station') ?? '').includes('"last"'));
    await goAway();
    expect(await ask('StartTransaction', start)).toMatchObject({ transactionId: 101 });
    await ask('StopTransaction', stop);
    expect([...state.kept.values()].join()).not.toContain('GOOD');
    backEnd.plan = {};
    await until(() => count('StopTransaction') === 1, 'the stop');
    expect(count('StartTransaction')).toBe(1);
  });

  it('is answered after the back end was told by the box, also by a box that started anew', async () => {
    await open('accept');
    await join();
    await ask('StartTransaction', start);
    await until(() => (state.kept.get('island/A/station') ?? '').includes('authorization'));
    await goAway();
    await ask('StopTransaction', stop);
    backEnd.plan = {};
    await until(() => (state.kept.get('island/A/station') ?? '').includes('"isRetold":true'), 'the stop');
    proxy.close(LOST);
    await open('accept');
    await join();
    expect(await ask('StopTransaction', stop)).toEqual({});
    await ask('StartTransaction', { ...start, meterStart: 9 });
    expect([count('StartTransaction'), count('StopTransaction')]).toEqual([2, 1]);
  });
});
