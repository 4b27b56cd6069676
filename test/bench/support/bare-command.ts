import { spawn } from 'node:child_process';
import { freePort } from './core.js';
import { quickClient } from './quick-client.js';

/** A process that gives back each piece it gets, as a device behind a pipe. */
const DEVICE = `const device = require('node:child_process').spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], { stdio: ['pipe', 'pipe', 'inherit'] });
process.on('SIGTERM', () => { device.kill(); process.exit(); });`;

/** The box and its broker in one process. */
const BROKER = `${DEVICE}
const net = require('node:net');
const { Aedes } = require('aedes');
Aedes.createBroker().then((broker) => {
  broker.on('publish', (packet) => { if (packet.topic === 'cmd') device.stdin.write(packet.payload); });
  device.stdout.on('data', (payload) => broker.publish({ cmd: 'publish', topic: 'rsp', payload, qos: 1, retain: false }, () => {}));
  const server = net.createServer((socket) => { socket.setNoDelay(true); broker.handle(socket); });
  server.listen(Number(process.argv[1]), '127.0.0.1', () => console.log('up'));
});
`;

/** The box as a client of a broker. */
const CLIENT = `${DEVICE}
const client = require('mqtt').connect('mqtt://127.0.0.1:' + process.argv[1], { protocolVersion: 5 });
client.on('message', (topic, payload) => device.stdin.write(payload));
device.stdout.on('data', (payload) => client.publish('rsp', payload, { qos: 1 }));
client.on('connect', () => {
  client.stream.setNoDelay(true);
  client.subscribe('cmd', { qos: 1 }, () => console.log('up'));
});
`;

interface Commands {
  readonly count: number;
  readonly gap: () => Promise<void>;
  /** Port of a broker that runs, for a box that is its client. */
  readonly broker?: number;
}

/**
 * Sorted times in ms of `count` commands over a bare broker to a device process that answers each and back; nothing is
 * checked, kept or proved.
 */
export async function bareCommands({ count, gap, broker }: Commands): Promise<number[]> {
  const port = broker ?? (await freePort());
  const script = broker === undefined ? BROKER : CLIENT;
  const box = spawn(process.execPath, ['-e', script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => box.stdout.once('data', resolve));
  const times: number[] = [];
  const client = await quickClient(port);
  try {
    await client.subscribeAsync('rsp', { qos: 1 });
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
    box.kill('SIGTERM');
  }
  return times.sort((a, b) => a - b);
}
