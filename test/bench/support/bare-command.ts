import { spawn } from 'node:child_process';
import { connect } from 'mqtt';
import { freePort } from './core.js';

/** A bare broker with a pipe to a device process that answers each command; nothing is checked, kept or proved. */
const BROKER = `
const { spawn } = require('node:child_process');
const net = require('node:net');
const { Aedes } = require('aedes');
Aedes.createBroker().then((broker) => {
  net.createServer((socket) => { socket.setNoDelay(true); broker.handle(socket); }).listen(Number(process.argv[1]), '127.0.0.1');
  const device = spawn(process.execPath, ['-e', "process.stdin.pipe(process.stdout)"], { stdio: ['pipe', 'pipe', 'inherit'] });
  broker.on('publish', (packet) => { if (packet.topic === 'cmd') device.stdin.write(packet.payload); });
  device.stdout.on('data', (payload) => broker.publish({ cmd: 'publish', topic: 'rsp', payload, qos: 1, retain: false }, () => {}));
  process.on('SIGTERM', () => { device.kill(); process.exit(); });
});
`;

/** Sorted times in ms of `count` commands over that path. */
export async function bareCommands(count: number, gap: () => Promise<void>): Promise<number[]> {
  const port = await freePort();
  const broker = spawn(process.execPath, ['-e', BROKER, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const times: number[] = [];
  const client = connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 20 });
  try {
    // it listens a little later
    client.on('error', () => undefined);
    await new Promise<void>((resolve) =>
      client.on('connect', () => client.subscribe('rsp', { qos: 1 }, () => resolve())),
    );
    for (let i = 0; i < count; i++) {
      const seen = new Promise<number>((resolve) => client.once('message', () => resolve(performance.now())));
      const sent = performance.now();
      const command = { id: `c${i}`, t: Date.now(), point: 'battery/power/setpoint', value: i, for: '1m' };
      client.publish('cmd', JSON.stringify(command), { qos: 1 });
      times.push((await seen) - sent);
      await gap();
    }
  } finally {
    client.end(true);
    broker.kill('SIGTERM');
  }
  return times.sort((a, b) => a - b);
}
