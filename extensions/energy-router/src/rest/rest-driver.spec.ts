import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import energyRouter from '../index.js';
import { bodyWith, isPointer, pointedAt } from './json-pointer.js';

const MAP = `file:${join(__dirname, '../../maps/example-rest.json')}`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A small router with the resources of the example map, as a real server; kW with discharge positive. */
const state = { mode: 1, battery: { soc: '48.5', power: -0.23, reference: 0 }, pv: { power: 0.42 }, grid: [{ power: 0.31 }] }; // prettier-ignore
const FIRST = structuredClone(state);
let written: string[];
let answer: Answer;
let most: number;
let underway: number;

const good: Answer = (request, response) => {
  let text = '';
  request.on('data', (part) => (text += String(part)));
  request.on('end', () => {
    if (request.method !== 'GET') {
      written.push(`${request.method} ${request.url} ${text}`);
      const body = JSON.parse(text) as { mode?: number; reference?: number };
      if (body.mode !== undefined) state.mode = body.mode;
      if (request.url === '/api/battery') Object.assign(state.battery, { power: body.reference, reference: body.reference }); // prettier-ignore
      if (request.url === '/api/pv') state.pv.power = Math.min(0.42, body.reference!);
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(state));
  });
};

const server = createServer((request, response) => {
  most = Math.max(most, ++underway);
  response.on('close', () => underway--);
  answer(request, response);
});
let harness: Harness;

function read(config: object = {}): void {
  const { port } = server.address() as AddressInfo;
  const defaults = { driver: 'rest', phases: 'three', names: { er: 'er' }, signs: 'er', measures: '/x/', watch: [], limits: {} } as const; // prettier-ignore
  const source = `http://user:secret@127.0.0.1:${port}/`;
  harness = runExtension(energyRouter, { config: { ...defaults, source, map: MAP, interval: '100ms', ...config } });
}

const seen = (path: string): unknown => harness.seen.values.get(`er/${path}`)?.value;
const online = (): boolean | undefined => [...harness.seen.devices.values()][0]?.online;
const reason = (): string | undefined => [...harness.seen.devices.values()][0]?.reason;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  Object.assign(state, structuredClone(FIRST));
  [written, answer, most, underway] = [[], good, 0, 0];
});
afterEach(async () => {
  await harness.stop();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

test('what the map says is read, with the login of the source, one request at a time', async () => {
  const logins = new Set<string | undefined>();
  answer = (request, response) => {
    logins.add(request.headers.authorization);
    good(request, response);
  };
  read();
  await harness.until(() => seen('battery/power/in-force') !== undefined);
  const values = Object.fromEntries(['mode', 'battery/soc', 'battery/power', 'pv/power', 'power/active', 'battery/power/setpoint'].map((path) => [path, seen(path)])); // prettier-ignore
  expect(values).toEqual({
    ...{ mode: 'standby', 'battery/soc': 48.5, 'battery/power': 230, 'pv/power': -420, 'power/active': 310 },
    'battery/power/setpoint': 0,
  });
  await Promise.all(['er/battery/power/setpoint', 'er/pv/power/setpoint'].map((path) => harness.command(path, -100)));
  expect(most).toBe(1);
  expect([...logins]).toEqual([`Basic ${Buffer.from('user:secret').toString('base64')}`]);
});

test('what is written is proved by what is measured, and put back', async () => {
  read();
  await harness.until(() => seen('battery/power/in-force') !== undefined);
  await harness.command('er/battery/power/setpoint', 650);
  await harness.until(() => seen('battery/power/in-force') === 650);
  await harness.command('er/mode/setpoint', 'run');
  await harness.until(() => seen('mode') === 'run');
  await harness.release('er/mode/setpoint');
  await harness.release('er/battery/power/setpoint');
  await harness.until(() => seen('battery/power/in-force') === 0 && seen('mode') === 'standby');
  expect(written).toEqual([
    'PUT /api/battery {"reference":-0.65}',
    'PUT /api/mode {"mode":2}',
    'PUT /api/mode {"mode":1}',
    'PUT /api/battery {"reference":0}',
  ]);
});

test.each([
  ['a web page', (response: ServerResponse) => response.end('<!doctype html><title>Login</title>'), /\/api\/state answers with a web page, not JSON: check the path/], // prettier-ignore
  ['what is no JSON', (response: ServerResponse) => response.end('oops'), /what is no JSON/],
  ['nothing where the map looks', (response: ServerResponse) => response.end('{}'), /mode: there is no \/mode in \/api\/state; check the map/], // prettier-ignore
  ['401', (response: ServerResponse) => response.writeHead(401).end(), /refuses the login \(401\)/],
  ['404', (response: ServerResponse) => response.writeHead(404).end(), /no such resource \(404\)/],
  ['a redirect', (response: ServerResponse) => response.writeHead(302, { location: '/login' }).end(), /it is at \/login now \(302\)/], // prettier-ignore
  ['half an answer', (response: ServerResponse) => response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()), /GET http:\/\/127\.0\.0\.1:\d+\/api\/state: /], // prettier-ignore
  ['too much', (response: ServerResponse) => response.end(`"${'x'.repeat(1024 * 1024)}"`), /larger than 1048576 bytes/],
  ['its hanging up', (response: ServerResponse) => response.destroy(), /socket hang up; check host and port in source/],
  ['nothing', () => undefined, /no whole answer within 5 s; check/],
] as const)('a router that answers with %s is off line with what to do, and back by itself', async (_, wrong, text) => {
  answer = (_request, response) => void wrong(response);
  read();
  await harness.until(() => online() === false && text.test(reason() ?? ''), 20_000);
  expect(seen('battery/power') ?? null).toBeNull();
  await harness.until(() => harness.seen.statuses.at(-1)?.state === 'error');
  answer = good;
  await harness.until(() => online() === true && seen('battery/power') === 230);
});

test('what is in force is not known while the router gives no measure of it', async () => {
  read();
  await harness.until(() => seen('battery/power/in-force') === 230);
  answer = (_request, response) => void response.end('{}');
  await harness.until(() => seen('battery/power') === null && seen('battery/power/in-force') === null);
});

test('a write that the router refuses is refused, and nothing is held', async () => {
  read();
  await harness.until(() => seen('battery/power/in-force') !== undefined);
  answer = (request, response) => (request.method === 'GET' ? good(request, response) : void response.writeHead(409).end()); // prettier-ignore
  expect(await harness.command('er/battery/power/setpoint', 100)).toMatchObject({
    outcome: 'refused',
    code: 'SMX_ROUTER_ANSWER',
    text: expect.stringMatching(/PUT .*\/api\/battery: the router answers 409/),
  });
});

test('JSON pointers point as RFC 6901 says', () => {
  const body = { 'a/b': 1, 'm~n': 2, list: ['x', 'y'], '': 3, deep: { 0: 4 } };
  const points = ['/a~1b', '/m~0n', '/list/1', '/', '/deep/0', '', '/none', '/list/2', '/__proto__'].map((at) => pointedAt(body, at)); // prettier-ignore
  expect(points).toEqual([1, 2, 'y', 3, 4, body, undefined, undefined, undefined]);
  expect(['', '/a', '/~0', 'a', '/~2'].map(isPointer)).toEqual([true, true, true, false, false]);
  expect(bodyWith(5, '/a/b~1c')).toEqual({ a: { 'b/c': 5 } });
  expect(bodyWith(5, '')).toBe(5);
});
