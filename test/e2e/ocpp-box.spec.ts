import { createServer, type AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Box, stop, until } from './smxcore-support.js';

/** A charge point and its back end with a whole box between them. */
const PASSWORD = `Basic ${Buffer.from('CP1:not for the log').toString('base64')}`;

let box: Box;
let backEnd: WebSocketServer;

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

afterEach(async () => {
  for (const ws of backEnd.clients) ws.terminate();
  backEnd.close();
  await box.remove();
});

it('relays a charge point through a box, and tells how it stands', async () => {
  const port = await freePort();
  backEnd = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => backEnd.once('listening', resolve));
  const asked: (string | undefined)[] = [];
  backEnd.on('connection', (ws, request) => {
    asked.push(request.url, request.headers.authorization);
    ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));
  });
  const address = `ws://127.0.0.1:${port}/ocpp`;
  box = new Box(`extensions:\n  ocpp:\n    use: ocpp-proxy\n    config: { listen: "${address}", backend: "ws://127.0.0.1:${portOf(backEnd)}/base", stations: { CP1: {} } }\n`); // prettier-ignore
  expect((await box.smx(['check'])).status).toBe(0);
  const { core } = await box.core();
  const point = await until(async () => {
    const ws = new WebSocket(`${address}/CP1?v=1`, ['ocpp1.6'], { headers: { authorization: PASSWORD } });
    const isOpen = await new Promise((resolve) => ws.once('open', () => resolve(true)).once('error', () => resolve(false))); // prettier-ignore
    return isOpen === true ? ws : undefined;
  });
  const got: string[] = [];
  point.on('message', (data) => got.push((data as Buffer).toString()));
  const odd = '[2,"1","DataTransfer",{"a":1.0,"a":12345678901234567890}]';
  point.send(odd);
  await until(() => got.length > 0);
  expect(got).toEqual([odd]);
  expect(asked.slice(-2)).toEqual(['/base/CP1?v=1', PASSWORD]);
  await until(async () => (await box.smx(['extensions', '--json'])).out.includes('1 connected'));
  expect(core.out + core.err).not.toContain(PASSWORD.slice(6));
  // the schemas are loaded with the first one
  const args = '{"station":"CP1","action":"Reset","payload":{"type":"Warm"}}';
  const refused = await box.smx(['call', 'ocpp', 'inject', args]);
  expect(JSON.parse(refused.out)).toMatchObject({ code: 'SMX_OCPP_PAYLOAD', wasSent: false, text: expect.stringContaining('type must be one of Hard, Soft') }); // prettier-ignore
  expect(got).toEqual([odd]);
  const ended = new Promise<number>((resolve) => point.once('close', resolve));
  await stop(core);
  expect(await ended).toBe(1001);
});
