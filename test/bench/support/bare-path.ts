import { spawn } from 'node:child_process';
import { connect } from 'mqtt';
import { freePort } from './core.js';
import type { P1Gateway } from './telegrams.js';

/** A child that hands every piece of a TCP line to its parent, and nothing else. */
const CHILD = `require('node:net').connect(Number(process.argv[1]), '127.0.0.1').setNoDelay(true).pipe(process.stdout)`;

/** A parent that answers every piece with one publish of a fixed payload on a bare broker. */
const PARENT = `
const { spawn } = require('node:child_process');
const net = require('node:net');
const { Aedes } = require('aedes');
const [gateway, port, size] = process.argv.slice(1).map(Number);
const payload = Buffer.alloc(size, 32);
Aedes.createBroker().then((broker) => {
  const server = net.createServer((socket) => { socket.setNoDelay(true); broker.handle(socket); });
  server.listen(port, '127.0.0.1');
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(CHILD)}, String(gateway)], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', () => broker.publish({ cmd: 'publish', topic: 'now', payload, qos: 0, retain: true }, () => {}));
  process.on('SIGTERM', () => { child.kill(); process.exit(); });
});
`;

/**
 * The least that any box of this shape costs: TCP → process → pipe → process → aedes → TCP → subscriber, with a payload
 * of `size` bytes and nothing done to it. Gives the sorted times in ms of `count` telegrams sent by `send`.
 */
export async function barePath(
  gateway: P1Gateway,
  path: { size: number; count: number; send: () => void; pause: () => Promise<void> },
): Promise<number[]> {
  const port = await freePort();
  const args = ['-e', PARENT, String(gateway.port), String(port), String(path.size)];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const client = connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 20 });
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => client.on('connect', () => client.subscribe('now', () => resolve())));
  while (gateway.connections === 0) await path.pause();
  const times: number[] = [];
  for (let i = 0; i < path.count; i++) {
    const seen = new Promise<number>((resolve) => client.once('message', () => resolve(performance.now())));
    const sent = performance.now();
    path.send();
    times.push((await seen) - sent);
    await path.pause();
  }
  client.end(true);
  parent.kill('SIGTERM');
  while (gateway.connections > 0) await path.pause();
  return times.sort((a, b) => a - b);
}
