import { request } from 'node:http';
import { silentLog, systemClock } from '@smx-edge/model';
import { WebSocket } from 'ws';
import { Csms, type CsmsOptions } from './index.js';

const KEY = Buffer.from('00010203040506ffffffffffffffffffffffffff', 'hex');

let csms: Csms;
const sockets: WebSocket[] = [];

const begin = async (options: Partial<CsmsOptions> = {}): Promise<Csms> =>
  (csms = await Csms.open({ address: { host: '127.0.0.1', port: 0 }, ...options }, { clock: systemClock, log: silentLog })); // prettier-ignore

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await csms.close();
});

const basic = (user: string, password: Buffer): string => `Basic ${Buffer.concat([Buffer.from(`${user}:`), password]).toString('base64')}`; // prettier-ignore

/** HTTP status of an upgrade. */
function knock(path: string, headers: Record<string, string> = {}): Promise<number> {
  const { host } = new URL(csms.source);
  return new Promise((resolve, reject) => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }; // prettier-ignore
    const asked = request(`http://${host}${path}`, { headers: { ...upgrade, ...headers } });
    asked.on('response', ({ statusCode }) => resolve(statusCode!)).on('error', reject);
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.end();
  });
}

async function dial(id: string, protocols: string[] = ['ocpp1.6']): Promise<WebSocket> {
  const socket = new WebSocket(`${csms.source}/${id}`, protocols);
  sockets.push(socket);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

const heard = (socket: WebSocket): Promise<string> => new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString()))); // prettier-ignore
const ask = (socket: WebSocket, ...frame: unknown[]): Promise<unknown[]> => {
  const answer = heard(socket);
  socket.send(JSON.stringify(frame));
  return answer.then((text) => JSON.parse(text) as unknown[]);
};

describe('the door of the back end', () => {
  it('is open by path, identity and password', async () => {
    await begin({ stations: { 'CP 1': KEY, free: null } });
    expect(await knock('/ocpp/free')).toBe(101);
    expect(await knock('/ocpp/nobody')).toBe(404);
    expect(await knock('/other/free')).toBe(404);
    expect(await knock('/ocpp/%E0%A4%A')).toBe(404);
    expect(await knock('/ocpp/CP%201')).toBe(401);
    expect(await knock('/ocpp/CP%201', { authorization: basic('CP 1', Buffer.from('no')) })).toBe(401);
    const authorization = basic('CP 1', KEY);
    expect(await knock('/ocpp/CP%201?a=%20b', { authorization, 'sec-websocket-protocol': 'ocpp2.0.1, ocpp1.6' })).toBe(101); // prettier-ignore
    expect(csms.handshakes.at(-1)).toEqual({ url: '/ocpp/CP%201?a=%20b', station: 'CP 1', authorization, protocols: ['ocpp2.0.1', 'ocpp1.6'], status: 101 }); // prettier-ignore
    csms.refuse(503);
    expect(await knock('/ocpp/free')).toBe(503);
    csms.refuse(null);
    expect(await knock('/ocpp/free')).toBe(101);
  });

  it('chooses of the subprotocols, and closes where it has none of them', async () => {
    await begin();
    expect((await dial('A', ['ocpp2.0.1', 'ocpp1.6'])).protocol).toBe('ocpp1.6');
    const none = new WebSocket(`${csms.source}/B`, ['ocpp0.9']);
    sockets.push(none);
    // a client of ws takes no connection without its subprotocol
    await new Promise((resolve) => none.once('error', resolve));
    expect(csms.handshakes.at(-1)).toMatchObject({ station: 'B', status: 101 });
  });

  it('is shut while the back end is away, and open at the same place after', async () => {
    await begin();
    const socket = await dial('A');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const { source } = csms;
    await csms.goAway(1001);
    expect(await closed).toBe(1001);
    await expect(knock('/ocpp/A')).rejects.toThrow('ECONNREFUSED');
    await csms.comeBack();
    expect(csms.source).toBe(source);
    await dial('A');
  });
});

describe('the bill of the back end', () => {
  it('has each session once, however often its messages come', async () => {
    await begin({ tariff: 0.4, firstTransaction: -5 });
    const socket = await dial('A');
    const start = { connectorId: 1, idTag: 'X', meterStart: 1000, timestamp: '2026-01-01T00:00:00Z' };
    const [, , first] = await ask(socket, 2, '1', 'StartTransaction', start);
    const [, , again] = await ask(socket, 2, '2', 'StartTransaction', start);
    expect([first, again]).toEqual([first, { transactionId: -5, idTagInfo: { status: 'Accepted' } }]);
    const stop = { transactionId: -5, meterStop: 3500, timestamp: '2026-01-01T01:00:00Z' };
    await ask(socket, 2, '3', 'StopTransaction', stop);
    await ask(socket, 2, '4', 'StopTransaction', stop);
    await ask(socket, 2, '5', 'StopTransaction', { ...stop, transactionId: 77 });
    expect(csms.sessions).toMatchObject([{ id: '-5', energy: 2500, cost: 1, reason: 'Local' }]);
    expect([csms.repeats, csms.bill.orphans, csms.bill.total]).toEqual([{ start: 1, stop: 1, values: 0 }, 1, 1]);
    const { host } = new URL(csms.source);
    expect(await (await fetch(`http://${host}/`)).json()).toMatchObject({ stations: ['A'], total: 1 });
  });
});

describe('the wire of the back end', () => {
  it('is remembered byte by byte, what is no frame too, up to its bound', async () => {
    await begin({ recorded: 2000 });
    const socket = await dial('A');
    const frames = ['[2, "1" ,"Heartbeat",{}]', '{"configurationKey":],', ''].map((text) => Buffer.from(text));
    for (const frame of frames) socket.send(frame, { binary: false });
    socket.send(Buffer.from([0, 255]), { binary: true });
    await ask(socket, 2, 'z', 'Whatever', {});
    const taken = csms.frames('A').filter(({ direction }) => direction === 'in');
    expect(taken.slice(0, 4).map(({ bytes }) => bytes)).toEqual([...frames, Buffer.from([0, 255])]);
    expect(taken.map(({ isBinary }) => isBinary)).toEqual([false, false, false, true, false]);
    for (let i = 0; i < 30; i++) await ask(socket, 2, `${i}`, 'DataTransfer', { data: 'x'.repeat(100) });
    expect(csms.frames().reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(2000);
  });

  it('carries one CALL at a time to a station, and the answers back', async () => {
    await begin({ timeout: 200 });
    const socket = await dial('A');
    const answers = [csms.call('A', 'Reset', { type: 'Soft' }), csms.call('A', 'ClearCache', {})];
    const [, id, action] = JSON.parse(await heard(socket)) as [number, string, string];
    expect([action, csms.frames().length]).toEqual(['Reset', 1]);
    const next = heard(socket);
    socket.send(JSON.stringify([3, id, { status: 'Accepted' }]));
    const [, second] = JSON.parse(await next) as [number, string];
    socket.send(JSON.stringify([4, second, 'NotSupported', '', {}]));
    expect(await Promise.all(answers)).toEqual([{ kind: 'result', payload: { status: 'Accepted' } }, { kind: 'error', code: 'NotSupported', payload: {} }]); // prettier-ignore
    expect(await csms.call('A', 'ClearCache', {})).toEqual({ kind: 'timeout', payload: {} });
    const lost = csms.call('A', 'ClearCache', {});
    socket.terminate();
    expect([(await lost).kind, (await csms.call('nobody', 'Reset', {})).kind]).toEqual(['lost', 'lost']);
  });

  it('has one connection of an identity: the newest', async () => {
    await begin();
    const old = await dial('A');
    const gone = new Promise((resolve) => old.once('close', resolve));
    const young = await dial('A');
    await gone;
    await ask(young, 2, '1', 'Heartbeat', {});
    expect(csms.stations).toEqual(['A']);
  });
});
