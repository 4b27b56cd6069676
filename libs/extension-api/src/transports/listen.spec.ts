import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { codeOf, LineHarness, nextText, until } from '../../test-support/line-harness.js';
import { listenLines } from './listen-lines.js';
import type { Line, LineListener, ListenOptions } from './types.js';

let harness: LineHarness;
let peers: Socket[];
let callers: DatagramSocket[];
beforeEach(() => {
  harness = new LineHarness();
  [peers, callers] = [[], []];
});
afterEach(async () => {
  for (const peer of peers) peer.destroy();
  for (const socket of callers) socket.close();
  await harness.done();
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await harness.serve(server);
  await harness.stop(server);
  return port;
}

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  peers.push(socket);
  return socket;
}

describe('tcp-listen line', () => {
  it('waits for a peer, tells so, and goes on with the next', async () => {
    const port = await freePort();
    const line = harness.open(`tcp-listen://127.0.0.1:${port}`);
    expect(line.state).toMatchObject({ status: 'connecting', reason: 'waiting' });
    harness.clock.advance(600_000);
    let peer: Socket | undefined;
    await until('the port', () => {
      if (peer === undefined || peer.destroyed) peer = dial(port);
      return line.counters.connects === 1;
    });
    const gaps: string[] = [];
    line.onGap((kind) => gaps.push(kind));
    peer!.write('one');
    expect(await nextText(line)).toBe('one');
    await line.write(Buffer.from('back'));
    peer!.end();
    await until('the end', () => line.state.reason === 'closed');
    dial(port).write('two');
    expect(await nextText(line)).toBe('two');
    expect(gaps).toEqual(['reconnect']);
  });

  it('lets a newer peer take the place of the older', async () => {
    const port = await freePort();
    const line = harness.open(`tcp-listen://127.0.0.1:${port}`);
    let old: Socket | undefined;
    await until('the first peer', () => {
      if (old === undefined || old.destroyed) old = dial(port);
      return line.counters.connects === 1;
    });
    let ended = false;
    old!.on('close', () => (ended = true));
    dial(port).write('new');
    expect(await nextText(line)).toBe('new');
    await until('the old peer to be sent away', () => ended);
    expect(harness.reasons()).toContain('replaced');
  });

  it('tries again where the port is taken', async () => {
    const server = createServer();
    const port = await harness.serve(server);
    const line = harness.open(`tcp-listen://127.0.0.1:${port}`);
    await until('the refusal', () => line.state.retryAt !== undefined);
    expect(line.state.reason).toBe('busy');
    await harness.stop(server);
    harness.clock.advance(1000);
    await until('a peer to get through', () => {
      if (peers.every((peer) => peer.destroyed)) dial(port);
      return line.counters.connects === 1;
    });
  });
});

interface Caller {
  readonly heard: string[];
  send(text: string): void;
}

/** Who sends datagrams to this port. */
async function caller(port: number): Promise<Caller> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  callers.push(socket);
  await once(socket, 'listening');
  const heard: string[] = [];
  socket.on('message', (message) => heard.push(message.toString()));
  return { heard, send: (text) => socket.send(text, port, '127.0.0.1') };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

describe('listenLines', () => {
  function listen(source: string, options: Partial<ListenOptions> = {}): LineListener {
    return harness.own(
      listenLines(source, {
        log: harness.log,
        clock: harness.clock,
        random: () => 1,
        onState: (state) => void harness.states.push(state),
        ...options,
      }),
    );
  }

  it('gives each peer a line of its own that ends with it', async () => {
    const listener = listen('tcp-listen://127.0.0.1:0');
    const { port } = await listener.ready;
    expect(listener.address).toEqual({ host: '127.0.0.1', port });
    const lines = listener.lines[Symbol.asyncIterator]();
    const first = dial(port);
    const one = (await lines.next()).value as Line;
    dial(port).write('from two');
    const two = (await lines.next()).value as Line;
    first.end('from one');
    expect(await nextText(two)).toBe('from two');
    expect(await nextText(one)).toBe('from one');
    expect(await nextText(one)).toBeUndefined();
    expect(one.state).toMatchObject({ status: 'closed', reason: 'closed' });
    expect(two.state.status).toBe('no-frames');
    await two.write(Buffer.from('answer'));
  });

  it('turns away who is one too many and takes the next when there is room', async () => {
    const listener = listen('tcp-listen://127.0.0.1:0', { peers: 1 });
    const { port } = await listener.ready;
    const lines = listener.lines[Symbol.asyncIterator]();
    const first = dial(port);
    const line = (await lines.next()).value as Line;
    await until('the first line', () => line.state.status === 'no-bytes');
    const second = dial(port);
    await until(
      'the second to be turned away',
      () => second.destroyed || second.readableEnded || harness.warnings.length > 0,
    );
    expect(harness.warnings).toEqual(['a peer was turned away: too many are connected']);
    first.destroy();
    await until('room', () => line.state.status === 'closed');
    dial(port).write('third');
    expect(await nextText((await lines.next()).value as Line)).toBe('third');
  });

  it('is patient with a port that is taken', async () => {
    const server = createServer();
    const port = await harness.serve(server);
    const listener = listen(`tcp-listen://127.0.0.1:${port}`);
    await until('the warning', () => harness.warnings.length === 1);
    await harness.stop(server);
    harness.clock.advance(1000);
    expect((await listener.ready).port).toBe(port);
  });

  it('gives each sender of datagrams a line of its own, and answers each', async () => {
    const port = await freeUdpPort();
    const listener = listen(`udp://127.0.0.1:${port}`);
    expect(await listener.ready).toEqual({ host: '127.0.0.1', port });
    const [one, two] = [await caller(port), await caller(port)];
    const lines = listener.lines[Symbol.asyncIterator]();
    one.send('a');
    const first = (await lines.next()).value as Line;
    two.send('b');
    const second = (await lines.next()).value as Line;
    one.send('c');
    expect([await nextText(first), await nextText(first), await nextText(second)]).toEqual(['a', 'c', 'b']);
    await second.write(Buffer.from('to two'));
    await first.write(Buffer.from('to one'));
    await until('the answers', () => one.heard.length + two.heard.length === 2);
    expect([one.heard, two.heard]).toEqual([['to one'], ['to two']]);
    await first.close();
    one.send('d');
    expect(await nextText((await lines.next()).value as Line)).toBe('d');
  });

  it('lets the sender go that was silent for longest where there are too many', async () => {
    const port = await freeUdpPort();
    const listener = listen(`udp://127.0.0.1:${port}`, { peers: 2, idle: 60_000 });
    await listener.ready;
    const lines = listener.lines[Symbol.asyncIterator]();
    const senders = [await caller(port), await caller(port), await caller(port)];
    const open: Line[] = [];
    for (const [i, sender] of senders.entries()) {
      sender.send('x');
      open.push((await lines.next()).value as Line);
      // who spoke again is not the one
      if (i !== 1) continue;
      senders[0]!.send('y');
      await until('the datagram', () => open[0]!.counters.chunks === 2);
    }
    expect(open.map(({ state }) => state.reason ?? state.status)).toEqual(['no-frames', 'replaced', 'no-frames']);
    harness.clock.advance(60_000);
    await until('the end of the silent', () => open.every(({ state }) => state.status === 'closed'));
  });

  it('ends everything when closed', async () => {
    const listener = listen('tcp-listen://127.0.0.1:0');
    const { port } = await listener.ready;
    const lines = listener.lines[Symbol.asyncIterator]();
    dial(port);
    const line = (await lines.next()).value as Line;
    const waiting = lines.next();
    await listener.close();
    expect((await waiting).done).toBe(true);
    expect((await lines.next()).done).toBe(true);
    expect(line.state.status).toBe('closed');
    expect(await codeOf(listen(`tcp-listen://127.0.0.1:${port}`).ready)).toBe('nothing was thrown');
    expect(() => listen('tcp://127.0.0.1:1')).toThrow(expect.objectContaining({ code: 'SMX_TRANSPORT_SOURCE' }));
  });
});
