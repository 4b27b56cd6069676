import { createServer, type Socket } from 'node:net';
import { systemClock } from '@smx-edge/model';
import { codeOf, LineHarness, nextText, readBytes, until } from '../../test-support/line-harness.js';
import type { CaptureDirection } from './types.js';

describe('tcp line', () => {
  let harness: LineHarness;

  beforeEach(() => (harness = new LineHarness()));
  afterEach(() => harness.done());

  it('goes on trying while refused, with growing pauses, and opens when someone listens', async () => {
    const placeholder = createServer();
    const port = await harness.serve(placeholder);
    await harness.stop(placeholder);
    const line = harness.open(`tcp://127.0.0.1:${port}`);
    for (const pause of [1000, 2000, 4000]) {
      await until('an attempt to fail', () => harness.clock.now() + pause === line.state.retryAt);
      expect(line.state).toMatchObject({ status: 'connecting', reason: 'refused' });
      if (pause < 4000) harness.clock.advance(pause);
    }
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_CONNECT');
    await harness.serve(
      createServer((socket) => socket.write('hello')),
      port,
    );
    harness.clock.advance(4000);
    expect(await readBytes(line, 5)).toBe('hello');
    expect(line.counters).toMatchObject({ failures: 3, connects: 1, bytesIn: 5 });
    // one reason, one line in the log
    expect(harness.warnings.length).toBe(1);
  });

  it('begins with short pauses again after a connection that delivered, not after a silent one', async () => {
    let greeting = '';
    const server = createServer((socket) => socket.end(greeting));
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(server)}`);
    for (const pause of [1000, 2000]) {
      await until('the connection to end', () => line.state.retryAt === harness.clock.now() + pause);
      expect(line.state.reason).toBe('closed');
      if (pause === 2000) greeting = 'bytes';
      harness.clock.advance(pause);
    }
    await until(
      'bytes, and the first pause again',
      () => line.counters.bytesIn === 5 && line.state.retryAt === harness.clock.now() + 1000,
    );
  });

  it('tells silence, bytes without frames, bad frames and good frames apart', async () => {
    let peer: Socket | undefined;
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(createServer((socket) => void (peer = socket)))}`);
    await until('the connection', () => peer !== undefined && line.state.status === 'no-bytes');
    peer!.write('noise');
    await until('bytes', () => line.state.status === 'no-frames');
    line.frame('bad');
    expect(line.state.status).toBe('bad-frames');
    line.frame('ok');
    line.frame('ok');
    expect(line.state.status).toBe('ok');
    expect(harness.states.map((state) => state.status)).toEqual(['no-bytes', 'no-frames', 'bad-frames', 'ok']);
    expect(line.counters).toMatchObject({ framesOk: 2, framesBad: 1, lastFrameAt: harness.clock.now() });
    // bytes that never make a frame are not ok for ever
    harness.clock.advance(20_000);
    peer!.write('more noise');
    await until('more bytes', () => line.counters.bytesIn === 15);
    harness.clock.advance(10_000);
    expect(line.state.status).toBe('no-frames');
  });

  it('makes a silent connection anew and tells that it was silent', async () => {
    let peers = 0;
    const server = createServer(() => (peers += 1));
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(server)}`, { idle: 5000 });
    await until('the connection', () => line.state.status === 'no-bytes' && peers === 1);
    harness.clock.advance(4999);
    expect(line.state.status).toBe('no-bytes');
    harness.clock.advance(1);
    expect(line.state).toMatchObject({ status: 'connecting', reason: 'idle' });
    harness.clock.advance(1000);
    await until('a new connection', () => line.state.status === 'no-bytes' && peers === 2);
  });

  it('notices a peer that went away without a word, and only then', async () => {
    // a half-open connection looks like this from here: established, and nothing comes any more
    let peer: Socket | undefined;
    const line = harness.open(
      `tcp://127.0.0.1:${await harness.serve(createServer((socket) => void (peer = socket)))}`,
      { idle: 5000 },
    );
    await until('the connection', () => peer !== undefined && line.state.status === 'no-bytes');
    for (let count = 1; count <= 5; count++) {
      harness.clock.advance(4000);
      peer!.write('x');
      await until('the byte', () => line.counters.bytesIn === count);
    }
    expect(line.counters.connects).toBe(1);
    peer!.pause();
    harness.clock.advance(5000);
    expect(line.state.reason).toBe('idle');
  });

  it('leaves a silent connection alone where silence is normal', async () => {
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(createServer())}`, { idle: 0 });
    await until('the connection', () => line.state.status === 'no-bytes');
    harness.clock.advance(86_400_000);
    expect(line.counters.connects).toBe(1);
    expect(line.state.status).toBe('no-bytes');
  });

  it('tells an unknown name from an absent server', async () => {
    const line = harness.open('tcp://no-such-host.invalid:1');
    await until('the attempt to fail', () => line.state.status === 'connecting' && line.state.reason !== undefined);
    expect(line.state.reason).toBe('dns');
    expect(line.state.text).toContain('name');
  });

  it('carries a stream that comes byte by byte', async () => {
    const text = 'one byte at a time, '.repeat(20);
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      let at = 0;
      const step = (): void => {
        if (at < text.length) socket.write(text[at++]!, step);
      };
      step();
    });
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(server)}`);
    expect(await readBytes(line, text.length)).toBe(text);
  });

  it('holds the sender back while the reader is slow, loses nothing, and does not call that silence', async () => {
    const block = Buffer.alloc(256 * 1024);
    for (let at = 0; at < block.length; at++) block[at] = (at * 7) & 0xff;
    let accepted = 0;
    let peer: Socket | undefined;
    const server = createServer((socket) => {
      peer = socket;
      for (let count = 0; count < 64; count++) socket.write(block, () => (accepted += 1));
    });
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(server)}`, { idle: 5000, buffer: 64 * 1024 });
    // the kernel's buffers fill, then nothing moves
    let before = -1;
    await until('the sender to be held back', () => {
      const still = line.counters.bytesIn === before && line.counters.bytesIn > 0 && peer!.writableLength > 0;
      before = line.counters.bytesIn;
      return still;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(line.counters.bytesIn).toBeLessThan(block.length);
    expect(accepted).toBeLessThan(64);
    harness.clock.advance(60_000);
    expect(line.state.status).toBe('no-frames');
    let read = 0;
    for await (const chunk of line) {
      for (const byte of chunk) {
        if (byte !== (((read % block.length) * 7) & 0xff)) throw new Error(`byte ${read} is wrong`);
        read++;
      }
      if (read === 64 * block.length) break;
    }
    expect(line.counters).toMatchObject({ bytesIn: read, connects: 1, dropped: 0 });
  });

  it('lets one loop go on across connections and marks the seam', async () => {
    const texts = ['first ', 'second'];
    const server = createServer((socket) => socket.end(texts.shift() ?? ''));
    const line = harness.openReal(`tcp://127.0.0.1:${await harness.serve(server)}`);
    const seen: string[] = [];
    line.onGap((kind) => seen.push(kind));
    for await (const chunk of line) {
      seen.push(Buffer.from(chunk).toString());
      if (seen.includes('second')) break;
    }
    expect(seen).toEqual(['first ', 'reconnect', 'second']);
    // leaving the loop left the line open: what comes next is read by the next loop
    texts.push('third');
    expect(await nextText(line)).toBe('third');
  });

  it('survives a gap listener and a state listener that throw', async () => {
    const errors: string[] = [];
    const server = createServer((socket) => socket.end('x'));
    const line = harness.openReal(`tcp://127.0.0.1:${await harness.serve(server)}`, {
      log: { ...harness.log, error: (message) => void errors.push(message) },
      onState: () => {
        throw new Error('state');
      },
    });
    line.onGap(() => {
      throw new Error('gap');
    });
    expect(await readBytes(line, 2)).toBe('xx');
    expect(errors).toContain('a listener of a line threw');
    expect(errors).toContain('a gap listener threw');
  });

  it('refuses to pile up what the peer does not take', async () => {
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(createServer((socket) => void socket.pause()))}`, {
      idle: 0,
    });
    await until('the connection', () => line.state.status === 'no-bytes');
    const block = Buffer.alloc(512 * 1024);
    const outcomes: Promise<string>[] = [];
    for (let count = 0; count < 40; count++) outcomes.push(codeOf(line.write(block)));
    await until('a write to be refused', () => outcomes.length === 40);
    expect(await Promise.race(outcomes.slice(30))).toBe('SMX_TRANSPORT_BUSY');
  });

  it('records what came, what went and where the connection broke', async () => {
    const record: [CaptureDirection, string][] = [];
    const server = createServer((socket) => socket.on('data', (data) => socket.end(`re: ${data.toString()}`)));
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(server)}`, {
      record: (direction, bytes) => record.push([direction, Buffer.from(bytes).toString()]),
    });
    await until('the connection', () => line.state.status === 'no-bytes');
    await line.write(Buffer.from('ask'));
    await until('the end', () => line.state.status === 'connecting');
    line.record(undefined);
    expect(record).toEqual([
      ['out', 'ask'],
      ['in', 're: ask'],
      ['gap', ''],
    ]);
  });

  it('cannot do what only a serial line can, and says so', async () => {
    const line = harness.open(`tcp://127.0.0.1:${await harness.serve(createServer())}`);
    await until('the connection', () => line.state.status === 'no-bytes');
    expect(await codeOf(line.configure({ baud: 9600 }))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    expect(await codeOf(line.break(100))).toBe('SMX_TRANSPORT_UNSUPPORTED');
    await line.drain();
  });

  it('ends its loop, its peer and its attempts when closed', async () => {
    let ended = false;
    const server = createServer((socket) => socket.on('close', () => (ended = true)));
    const port = await harness.serve(server);
    const line = harness.open(`tcp://127.0.0.1:${port}`);
    await until('the connection', () => line.state.status === 'no-bytes');
    const reading = nextText(line);
    await line.close();
    await line.close();
    expect(await reading).toBeUndefined();
    expect(line.state.status).toBe('closed');
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_CLOSED');
    await until('the peer to see it', () => ended);
    const waiting = harness.open('tcp://127.0.0.1:1');
    await until('a refusal', () => waiting.state.retryAt !== undefined);
    await waiting.close();
    harness.clock.advance(600_000);
    expect(waiting.state).toMatchObject({ status: 'closed', counters: { failures: 1 } });
  });

  it('answers for what this version does not open', () => {
    for (const source of ['mqtt://host', 'modbus://host', 'modbus+rtu:/dev/ttyUSB0'])
      expect(() => harness.open(source)).toThrow(expect.objectContaining({ code: 'SMX_NOT_AVAILABLE' }));
    expect(() => harness.open('serial:/dev/ttyUSB0', { clock: systemClock })).toThrow(
      expect.objectContaining({ code: 'SMX_EXTENSION_PERMISSION' }),
    );
    expect(() => harness.open('gopher://x')).toThrow(expect.objectContaining({ code: 'SMX_TRANSPORT_SOURCE' }));
  });
});
