import { createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Aedes } from 'aedes';
import { silentLog, systemClock } from '@smx-edge/model';
import { LocalBroker } from '@smx-edge/northbound';
import type { Bench } from './row.js';
import { BenchHouse } from './support/house.js';

const POINTS = 300;
/** Points that change together, as a meter's do. */
const BATCH = 40;
const CHANGES = 130;
/** ms; below the budget of 20 messages a second. */
const GAP = 58;

/**
 * An MQTT client of its own thread on a bare socket. A message carries in `"dev/p0":N` (the bare broker's too) when it
 * was made, in µs of the monotonic clock that all threads share; the thread notes how long ago that was on arrival.
 */
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads');
const socket = require('node:net').connect({ port: workerData.port, host: '127.0.0.1', noDelay: true });
const text = (s) => Buffer.concat([Buffer.from([s.length >> 8, s.length & 255]), Buffer.from(s)]);
const frame = (head, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from([head, body.length]), body]); };
const login = workerData.token === undefined ? [] : [text(workerData.name), text(workerData.token)];
socket.write(frame(0x10, text('MQTT'), Buffer.from([4, login.length ? 0xc2 : 2, 0, 0]), text(''), ...login));
let rest = Buffer.alloc(0), size = 0;
const delays = [];
socket.on('data', (data) => {
  const now = Number(process.hrtime.bigint() / 1000n);
  rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
  for (;;) {
    let length = 0, at = 1, byte = 128;
    for (let shift = 0; byte > 127 && at < rest.length; shift += 7) { byte = rest[at++]; length += (byte & 127) << shift; }
    if (byte > 127 || rest.length < at + length) return;
    const type = rest[0] >> 4;
    if (type === 2) socket.write(frame(0x82, Buffer.from([0, 1]), text(workerData.filter), Buffer.from([0])));
    if (type === 9) parentPort.postMessage('ready');
    if (type === 3) {
      const topic = rest.readUInt16BE(at);
      const payload = rest.subarray(at + 2 + topic, at + length);
      size = payload.length;
      const mark = payload.indexOf('"dev/p0":');
      const made = Number.parseInt(payload.toString('latin1', mark + 9, mark + 29), 10);
      if (made > 0) delays.push(now - made);
    }
    rest = rest.subarray(at + length);
  }
});
parentPort.on('message', () => parentPort.postMessage({ delays, size }));
`;

interface Seen {
  readonly delays: number[];
  readonly size: number;
}

async function client(data: { port: number; filter: string; name?: string; token?: string }): Promise<Worker> {
  const worker = new Worker(CLIENT, { eval: true, workerData: data });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return worker;
}

async function collect(worker: Worker): Promise<Seen> {
  const seen = new Promise<Seen>((resolve) => worker.once('message', resolve));
  worker.postMessage('collect');
  const result = await seen;
  await worker.terminate();
  return result;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const micros = (): number => Number(process.hrtime.bigint() / 1000n);

/** The q-quantile in ms. */
function quantile(delays: readonly number[], q: number): number {
  const sorted = [...delays].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]! / 1000;
}

async function drive(change: () => void): Promise<void> {
  for (let i = 0; i < CHANGES; i++) {
    change();
    await pause(GAP);
  }
  await pause(100);
}

async function measureBroker(): Promise<Seen> {
  const house = new BenchHouse({ points: POINTS, clock: systemClock });
  house.grant({ reader: { grants: [{ read: ['#'] }] } });
  const { gate, ledger, live } = house;
  const principals = house.principals();
  // the snapshot a subscriber gets first carries no stamp
  house.ingest(POINTS, (i) => (i === 0 ? 0 : 1000 + i / 8));
  const broker = new LocalBroker({
    ...{ host: '127.0.0.1', port: 0, site: 'bench', version: '0', epoch: 1, gate, principals, live, ledger },
    ...{ clock: systemClock, log: silentLog, clockState: () => 'ok' as const },
  });
  await broker.start();
  const { port } = broker.address;
  const { token, record } = await principals.createToken({ role: 'reader' });
  const worker = await client({ port, filter: `smx/1/bench/${record.name}/now`, name: record.name, token });
  await pause(1100);
  await drive(() => {
    const now = micros();
    house.ingest(BATCH, (i) => (i === 0 ? now : now / 4096 + i));
  });
  const seen = await collect(worker);
  await broker.stop();
  principals.close();
  house.close();
  return seen;
}

async function measureBare(size: number): Promise<Seen> {
  const aedes = await Aedes.createBroker();
  const server: Server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const worker = await client({ port, filter: 'bare/now' });
  const filler = 'x'.repeat(Math.max(0, size - 40));
  await drive(() => {
    const payload = Buffer.from(`{"v":{"dev/p0":${micros()},"f":"${filler}"}}`);
    aedes.publish({ cmd: 'publish', topic: 'bare/now', payload, qos: 0, retain: false, dup: false }, () => undefined);
  });
  const seen = await collect(worker);
  await new Promise<void>((resolve) => aedes.close(resolve));
  server.close();
  return seen;
}

/** Change of a value to `now` at a subscriber in another thread: live table, gate, broker, TCP. */
export const bench: Bench = {
  name: 'local-broker',
  async run() {
    const broker = await measureBroker();
    const bare = await measureBare(broker.size);
    const row = (name: string, q: number, target: number) => ({
      ...{ name, unit: 'ms', target, better: 'less' as const },
      figure: quantile(broker.delays, q),
      limit: quantile(bare.delays, q),
    });
    return [
      row(`local broker: change to now of ${POINTS} points at a subscriber, p50`, 0.5, 1),
      row(`local broker: change to now of ${POINTS} points at a subscriber, p99`, 0.99, 5),
    ];
  },
};
