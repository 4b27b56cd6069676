import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { isSmxError, silentLog, systemClock, type Log } from '@smx-edge/model';
import { openLine, type Line, type LineState, type PortGrant } from '@smx-edge/extension-api/transports';
import { PortProcess } from './port-process.js';

const MAIN = require.resolve('@smx-edge/extension-host/port-process');
const hasSocat = spawnSync('socat', ['-V']).status === 0;
if (!hasSocat) process.stderr.write('port-process.spec: socat is not installed, so nothing is tested over ptys\n');
const withPty = hasSocat ? describe : describe.skip;

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return isSmxError(error) ? error.code : `not ours: ${String(error)}`;
  }
  return 'nothing was thrown';
}

/** A device behind a pty: its stdin and stdout are what it hears and says. */
class Pty {
  private process: ChildProcessWithoutNullStreams | undefined;
  heard = Buffer.alloc(0);

  constructor(readonly path: string) {}

  async plug(): Promise<void> {
    const child = spawn('socat', [`pty,raw,echo=0,ignoreeof,link=${this.path}`, 'stdio']);
    this.process = child;
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => (this.heard = Buffer.concat([this.heard, chunk])));
    await until(`${this.path} to appear`, () => existsSync(this.path));
  }

  say(text: string | Uint8Array): void {
    this.process?.stdin.write(text);
  }

  /** The device stops taking bytes, as behind a hung adapter. */
  hang(): void {
    this.process?.kill('SIGSTOP');
  }

  async unplug(): Promise<void> {
    const child = this.process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    rmSync(this.path, { force: true });
  }
}

withPty('port process', () => {
  let dir: string;
  let pty: Pty;
  let ports: PortProcess;
  let lines: Line[];
  let sockets: Socket[];
  const logged: string[] = [];
  const log: Log = { ...silentLog, error: (message) => void logged.push(message) };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'smx-port-'));
    pty = new Pty(join(dir, 'tty'));
    await pty.plug();
    ports = new PortProcess({ runDir: join(dir, 'run'), log, clock: systemClock, main: MAIN });
    lines = [];
    sockets = [];
    logged.length = 0;
  });

  afterEach(async () => {
    await Promise.all(lines.map((line) => line.close()));
    for (const socket of sockets) socket.destroy();
    await ports.close();
    await pty.unplug();
    rmSync(dir, { recursive: true, force: true });
  });

  function serial(query = '', onState?: (state: LineState) => void): Line {
    const line = openLine(`serial:${pty.path}${query}`, {
      log: silentLog,
      clock: systemClock,
      serial: ports,
      random: () => 0,
      ...(onState === undefined ? {} : { onState }),
    });
    lines.push(line);
    return line;
  }

  async function read(line: Line, length: number): Promise<string> {
    let got = Buffer.alloc(0);
    while (got.length < length) {
      const { value, done } = await line.read().next();
      if (done === true) break;
      got = Buffer.concat([got, value]);
    }
    return got.toString('latin1');
  }

  function raw(grant: PortGrant, first: Uint8Array): Promise<Buffer> {
    return new Promise((resolve) => {
      const socket = connect(grant.socketPath);
      sockets.push(socket);
      let got = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        got = Buffer.concat([got, chunk]);
        resolve(got);
      });
      socket.on('close', () => resolve(got));
      socket.write(first);
    });
  }

  const hello = (nonce: string): Buffer => {
    const head = Buffer.from([1, 0, 0, 0, 0]);
    head.writeUInt32BE(nonce.length, 1);
    return Buffer.concat([head, Buffer.from(nonce)]);
  };

  it('is not started before a line needs it', async () => {
    expect(ports.pid).toBeUndefined();
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    expect(ports.pid).toBeGreaterThan(0);
  });

  it('carries every byte value both ways, unchanged and in order', async () => {
    const line = serial('?baud=9600&mode=7E1');
    await until('the line to open', () => line.state.status === 'no-bytes');
    const all = Buffer.from(Array.from({ length: 1024 }, (_, index) => index & 0xff));
    pty.say(all);
    expect(await read(line, 1024)).toBe(all.toString('latin1'));
    await line.write(all);
    await line.drain();
    await until('the device to hear all', () => pty.heard.length >= 1024);
    expect(pty.heard.equals(all)).toBe(true);
    expect(line.counters).toMatchObject({ bytesIn: 1024, bytesOut: 1024, connects: 1 });
  });

  it('carries more than the socket buffers hold while the reader rests', async () => {
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    const block = Buffer.alloc(1_500_000, 'smx');
    pty.say(block);
    await until('bytes to arrive', () => line.counters.bytesIn > 100_000);
    expect((await read(line, block.length)) === block.toString('latin1')).toBe(true);
  }, 60_000);

  it('changes baud and mode on an open line, which stays open', async () => {
    const line = serial('?baud=300&mode=7E1');
    await until('the line to open', () => line.state.status === 'no-bytes');
    await line.write(Buffer.from('/?!\r\n'));
    // a wire has carried it once the line has drained; only the far side of a pty can tell
    await until('the device to hear it', () => pty.heard.length === 5);
    await line.configure({ baud: 9600 });
    await line.configure({ mode: '8N1' });
    await line.flush();
    await line.write(Buffer.from('after'));
    await until('the device to hear both', () => pty.heard.length >= 10);
    expect(pty.heard.toString()).toBe('/?!\r\nafter');
    pty.say('still here');
    expect(await read(line, 10)).toBe('still here');
    expect(line.counters.connects).toBe(1);
  });

  it('tells what the adapter cannot do and keeps the line', async () => {
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    // a pty has no modem lines
    expect(await codeOf(line.configure({ dtr: false }))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    expect(await codeOf(line.break(10))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    expect(await codeOf(line.configure({ mode: '9X9' }))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    expect(await codeOf(line.break(0))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    pty.say('works');
    expect(await read(line, 5)).toBe('works');
  });

  it('throws away what was not read on flush, and nothing after it', async () => {
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    const gaps: string[] = [];
    line.onGap((kind) => gaps.push(kind));
    pty.say('stale');
    await until('the stale bytes', () => line.counters.bytesIn === 5);
    await line.flush();
    pty.say('fresh');
    expect(await read(line, 5)).toBe('fresh');
    expect(gaps).toEqual(['flushed']);
  });

  it('survives an unplugged device and goes on when it is plugged in again', async () => {
    const seen: string[] = [];
    const line = serial('', (state) => {
      if (state.reason !== undefined) seen.push(state.reason);
    });
    const gaps: string[] = [];
    line.onGap((kind) => gaps.push(kind));
    await until('the line to open', () => line.state.status === 'no-bytes');
    pty.say('one');
    expect(await read(line, 3)).toBe('one');
    const pid = ports.pid;
    await pty.unplug();
    await until('the line to notice', () => line.state.status === 'connecting' && line.counters.failures > 0);
    expect(seen).toContain('absent');
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_CONNECT');
    await pty.plug();
    await until('the line to open again', () => line.counters.connects === 2 && line.state.status === 'no-bytes');
    pty.say('two');
    expect(await read(line, 3)).toBe('two');
    expect(gaps).toEqual(['reconnect']);
    expect(ports.pid).toBe(pid);
  });

  it('lets one holder have a port, by whatever name', async () => {
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    const other = join(dir, 'by-id');
    symlinkSync(pty.path, other);
    expect(await codeOf(ports.open(pty.path, { baud: 9600, mode: '8N1' }))).toBe('SMX_TRANSPORT_BUSY');
    expect(await codeOf(ports.open(other, { baud: 9600, mode: '8N1' }))).toBe('SMX_TRANSPORT_BUSY');
    await line.close();
    let code = '';
    while (code !== 'nothing was thrown') {
      code = await codeOf(ports.open(other, { baud: 9600, mode: '8N1' }));
      expect(['nothing was thrown', 'SMX_TRANSPORT_BUSY']).toContain(code);
    }
  });

  it('opens the socket to the right nonce, once, and to nobody else', async () => {
    const grant = await ports.open(pty.path, { baud: 9600, mode: '8N1' });
    expect(statSync(join(dir, 'run')).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(grant.socketPath)).toBeLessThan(108);
    expect((await raw(grant, hello('0'.repeat(64)))).length).toBe(0);
    expect((await raw(grant, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).length).toBe(0);
    // neither used up the grant
    expect((await raw(grant, hello(grant.nonce)))[0]).toBe(2);
    expect(existsSync(grant.socketPath)).toBe(false);
    expect((await raw(grant, hello(grant.nonce))).length).toBe(0);
  });

  it('says why a port cannot be opened', async () => {
    expect(await codeOf(ports.open(join(dir, 'none'), { baud: 9600, mode: '8N1' }))).toBe('SMX_TRANSPORT_ABSENT');
    expect(await codeOf(ports.open(pty.path, { baud: 9600, mode: '9N1' }))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    expect(await codeOf(ports.open(dir, { baud: 9600, mode: '8N1' }))).toMatch(/^SMX_TRANSPORT_/);
    expect(Array.isArray(await ports.list())).toBe(true);
  });

  it('is started again after a death, and the line goes on by itself', async () => {
    const line = serial();
    await until('the line to open', () => line.state.status === 'no-bytes');
    const pid = ports.pid!;
    process.kill(pid, 'SIGKILL');
    await until('the line to open again', () => line.counters.connects === 2 && line.state.status === 'no-bytes');
    expect(ports.pid).not.toBe(pid);
    expect(logged).toContain('the port process ended; the next line that opens starts it again');
    pty.say('back');
    expect(await read(line, 4)).toBe('back');
  });

  it('serves an instance that runs under the permission model', async () => {
    const script = `
      const { openLine } = require(${JSON.stringify(require.resolve('@smx-edge/extension-api/transports'))});
      const { systemClock, silentLog } = require(${JSON.stringify(require.resolve('@smx-edge/model'))});
      const grant = JSON.parse(process.argv[2]);
      const line = openLine('serial:/dev/any', { clock: systemClock, log: silentLog, serial: { open: async () => grant } });
      (async () => {
        for await (const chunk of line) {
          if (chunk.toString() === 'ping') {
            await line.write(chunk);
            await line.drain();
            continue;
          }
          await line.configure({ baud: 300 });
          try { require('node:fs').readFileSync('/etc/hostname'); } catch (error) { process.stdout.write(error.code); }
          process.exit(0);
        }
      })();`;
    const outfile = join(dir, 'instance.js');
    buildSync({
      stdin: { contents: script, resolveDir: __dirname },
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });
    const flag = Number(process.versions.node.split('.')[0]) < 22 ? '--experimental-permission' : '--permission';
    const grant = await ports.open(pty.path, { baud: 115_200, mode: '8N1' });
    const child = spawn(process.execPath, [
      flag,
      `--allow-fs-read=${outfile}`,
      '--no-warnings',
      outfile,
      JSON.stringify(grant),
    ]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    let status: number | null | undefined;
    child.on('exit', (code) => (status = code));
    pty.say('ping');
    // a change of baud throws away what a pty still carries, and drain cannot see into a pty
    await until('the echo', () => pty.heard.length === 4 || status !== undefined);
    expect(pty.heard.toString()).toBe('ping');
    pty.say('end');
    await until('the instance to end', () => status !== undefined);
    expect(said).toBe('ERR_ACCESS_DENIED');
    expect(status).toBe(0);
  });

  it('gives up a device that takes no bytes, so that its port is free again', async () => {
    const line = serial('?baud=4000000');
    await until('the line to open', () => line.state.status === 'no-bytes');
    pty.hang();
    // more than a pty holds; the write itself is with the kernel's socket buffer at once
    for (let count = 0; count < 6; count++) await line.write(Buffer.alloc(60_000)).catch(() => undefined);
    await until('the line to be given up', () => line.state.status === 'connecting' || line.counters.connects > 1);
    await until('the port to be free', () => line.counters.connects > 1);
  });

  it('ends the session of an instance that breaks the protocol', async () => {
    const grant = await ports.open(pty.path, { baud: 9600, mode: '8N1' });
    const answer = await raw(grant, Buffer.concat([hello(grant.nonce), Buffer.from([9, 0, 0, 0, 0])]));
    expect(answer[0]).toBe(2);
    await until('the socket to close', () => sockets[0]!.destroyed);
    const line = serial();
    await until('the port to be free for another', () => line.state.status === 'no-bytes');
  });

  it('opens nothing any more once closed', async () => {
    await ports.close();
    expect(await codeOf(ports.open(pty.path, { baud: 9600, mode: '8N1' }))).toBe('SMX_TRANSPORT_CLOSED');
  });
});

describe('run folder', () => {
  it('is refused where its sockets would have cut names', () => {
    expect(() => new PortProcess({ runDir: `/tmp/${'x'.repeat(100)}`, log: silentLog, clock: systemClock })).toThrow(
      /choose a shorter data folder/,
    );
  });
});
