import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Tools } from '@smx-edge/extension-api';
import { openLine } from '@smx-edge/extension-api/transports';
import { silentLog, systemClock } from '@smx-edge/model';
import { WaveSource, FOUR_WIRE } from '../test-support/s1-wire.js';
import { test } from './probe.js';

const NO_SERIAL = { open: () => Promise.reject(new Error('there is no serial line here')) };
const tools = {
  now: () => Date.now(),
  log: silentLog,
  open: (source: string) => openLine(source, { log: silentLog, clock: systemClock, serial: NO_SERIAL }),
} as unknown as Tools;

let server: Server;
afterEach(() => server.close());

/** Something on a network that says this again and again; its source. */
async function speaker(bytes: () => Uint8Array): Promise<string> {
  server = createServer((socket) => {
    const timer = setInterval(() => socket.write(bytes()), 50);
    socket.on('error', () => {}).on('close', () => clearInterval(timer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `tcp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

it('a test of a line says what kind of meter is on it', async () => {
  const wave = new WaveSource({ ...FOUR_WIRE, wires: 3, neutralMeasured: false });
  const source = await speaker(() => wave.next(130));
  expect(await test({ source }, tools)).toEqual({
    ok: true,
    text: 'S1 port, three phases without a neutral, 2600 samples a second',
  });
}, 30_000);
