import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { proxyDefaults } from '../../conformance/support/ocpp-config.js';

/** The least that any relay on `ws` does: dials, and hands each message on. */
const BARE = `
const { WebSocket, WebSocketServer } = require('ws');
const backend = process.argv[1];
const options = { perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 1 << 20 };
const server = new WebSocketServer({ ...options, port: 0, host: '127.0.0.1' }, () => console.log(server.address().port));
server.on('connection', (near, request) => {
  const far = new WebSocket(backend + request.url, [...near.protocol ? [near.protocol] : []], options);
  const early = [];
  near.on('message', (data, binary) => (far.readyState === 1 ? far.send(data, { binary }) : early.push([data, binary])));
  far.on('open', () => early.forEach(([data, binary]) => far.send(data, { binary })));
  far.on('message', (data, binary) => near.send(data, { binary }));
  for (const [one, other] of [[near, far], [far, near]]) one.on('error', () => {}).on('close', () => other.terminate());
});
`;

/** Of an instance's process on a box: how it speaks to its host. */
const CHANNEL = join(process.cwd(), 'libs/extension-host/dist/child/host-channel.js');

/**
 * The extension by itself, over the runtime that it has on a box. What it says of devices leaves it as there, by the channel of an
 * instance's process, and nothing of it is kept in its process.
 */
const OURS = `
const { HostChannel } = require(process.argv[4]);
const { runExtension } = require('@smx-edge/extension-api/runtime');
const proxy = require(process.argv[2]).default;
const config = JSON.parse(process.argv[3]);
const harness = runExtension(proxy, { config: { backend: process.argv[1], ...config } });
const host = new HostChannel(() => process.exit());
const { seen } = harness;
const answer = seen.send.bind(seen);
const told = new Set(['s', 'device', 'device-update', 'point', 'online']);
seen.send = (message) => {
  if (!told.has(message[0])) return answer(message);
  host.send(message);
  const [what, ref, name] = message;
  if (what === 'device' || what === 'point') setImmediate(() => seen.tell([what, ref, what === 'point' ? ref : name, null]));
};
const listening = () => harness.seen.statuses.map(({ text }) => /:(\\d+)\\/ID/.exec(text ?? '')?.[1]).find(Boolean);
harness.until(() => listening() !== undefined).then(() => console.log(listening()), (error) => { console.error(error); process.exit(1); });
`;

/** Of more charge points, and from one address. */
const MANY = { 'most-stations': 2000, 'upgrades-per-minute': 1_000_000 };

/** As the box runs an instance, but for its limits: young garbage goes early. */
const FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1', '--no-sparkplug'];
const LIBC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_TOP_PAD_: '16384' };

const SAMPLES = '["s",';

/** A relay in a process of its own. */
export class OcppRelay {
  /** Messages with samples that it gave to its host. */
  told = 0;
  private rest = '';

  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  static bare(backEnd: string): Promise<OcppRelay> {
    return OcppRelay.start(['-e', BARE, backEnd]);
  }

  static ours(backEnd: string, config: object = {}): Promise<OcppRelay> {
    const bundle = require.resolve('@smx-edge/ocpp-proxy');
    return OcppRelay.start([
      '-e',
      OURS,
      backEnd,
      bundle,
      JSON.stringify({ ...proxyDefaults(), listen: 'ws://127.0.0.1:0', ...MANY, ...config }),
      CHANNEL,
    ]);
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Resident memory, KiB. */
  get resident(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }

  private count(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    this.told += lines.filter((line) => line.startsWith(SAMPLES)).length;
  }

  private static async start(args: string[]): Promise<OcppRelay> {
    const child = spawn(process.execPath, [...FLAGS, ...args], {
      env: { ...process.env, ...LIBC, UV_THREADPOOL_SIZE: '2' },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the relay did not start')));
      child.stdout!.once('data', (text: Buffer) => resolve(text.toString().trim()));
    });
    const relay = new OcppRelay(child, `ws://127.0.0.1:${port}`);
    (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => relay.count(text));
    return relay;
  }
}
