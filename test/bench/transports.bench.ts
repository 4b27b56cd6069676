import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLine, type Line } from '@smx-edge/extension-api/transports';
import { PortProcess } from '@smx-edge/extension-host';
import { silentLog, systemClock } from '@smx-edge/model';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { processMemory } from './support/process-memory.js';

type Row = BenchRow & { readonly better: 'more' | 'less' };

const MB = 1e6;
const TCP_BYTES = 128 * MB;
const SERIAL_BYTES = 4 * MB;
const ROUNDS = 3;
const DEADLINE = 15_000;

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + DEADLINE;
  while (!holds()) {
    if (Date.now() > end) throw new RangeError(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Sends `TCP_BYTES` to whoever connects. */
async function source(): Promise<{ server: Server; port: number }> {
  const block = Buffer.alloc(64 * 1024, 'smx');
  const server = createServer((socket) => {
    let left = TCP_BYTES;
    const fill = (): void => {
      while (left > 0) {
        const part = block.subarray(0, Math.min(left, block.length));
        left -= part.length;
        if (!socket.write(part)) return void socket.once('drain', fill);
      }
    };
    socket.on('error', () => socket.destroy());
    fill();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

async function readAll(line: Line, bytes: number): Promise<number> {
  const begin = performance.now();
  let read = 0;
  for await (const chunk of line) if ((read += chunk.length) >= bytes) break;
  return bytes / MB / ((performance.now() - begin) / 1000);
}

async function lineRate(port: number): Promise<number> {
  const line = openLine(`tcp://127.0.0.1:${port}`, { log: silentLog, clock: systemClock });
  try {
    return await readAll(line, TCP_BYTES);
  } finally {
    await line.close();
  }
}

function bareRate(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    let read = 0;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      if ((read += chunk.length) < TCP_BYTES) return;
      socket.destroy();
      resolve(TCP_BYTES / MB / ((performance.now() - begin) / 1000));
    });
  });
}

async function tcpRows(): Promise<Row[]> {
  const { server, port } = await source();
  try {
    const figure = await medianOf(ROUNDS, () => lineRate(port));
    const limit = await medianOf(ROUNDS, () => bareRate(port));
    return [{ name: 'line: tcp, read by for await', figure, unit: 'MB/s', target: 100, limit, better: 'more' }];
  } finally {
    server.close();
  }
}

async function bareMemory(): Promise<number> {
  const child = spawn(process.execPath, [
    '--max-semi-space-size=1',
    '-e',
    'process.stdout.write("up");setInterval(()=>{},1e6)',
  ]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const memory = processMemory(child.pid!).own;
  child.kill('SIGKILL');
  return memory;
}

async function serialRows(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'smx-bench-'));
  const tty = join(dir, 'tty');
  const ports = new PortProcess({ runDir: join(dir, 'run'), log: silentLog, clock: systemClock });
  const device: ChildProcess = spawn('socat', [`pty,raw,echo=0,ignoreeof,link=${tty}`, 'stdio']);
  let line: Line | undefined;
  try {
    await until('the pty', () => existsSync(tty));
    line = openLine(`serial:${tty}`, { log: silentLog, clock: systemClock, serial: ports });
    await until('the line', () => line?.state.status === 'no-bytes');
    const block = Buffer.alloc(SERIAL_BYTES, 'smx');
    const figure = await medianOf(ROUNDS, () => {
      device.stdin?.write(block);
      return readAll(line!, SERIAL_BYTES);
    });
    const memory = processMemory(ports.pid!).own;
    return [
      // ten lines of 115200 baud carry 0.115 MB/s
      { name: 'serial: pty, port process, socket, line', figure, unit: 'MB/s', target: 1, limit: null, better: 'more' },
      {
        name: 'port process: private memory',
        figure: memory,
        unit: 'MB',
        target: 20,
        limit: await bareMemory(),
        better: 'less',
      },
    ];
  } finally {
    await line?.close();
    await ports.close();
    device.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

export const bench: Bench = {
  name: 'transports',
  async run() {
    const hasSocat = spawnSync('socat', ['-V']).status === 0;
    return [...(await tcpRows()), ...(hasSocat ? await serialRows() : [])];
  },
};
