import { createSocket, type Socket } from 'node:dgram';
import { createServer, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { codeOf, LineHarness, nextText, until } from '../../test-support/line-harness.js';

let harness: LineHarness;
beforeEach(() => (harness = new LineHarness()));
afterEach(() => harness.done());

describe('udp line', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });

  async function sender(): Promise<Socket> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return socket;
  }

  async function freePort(): Promise<number> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    return port;
  }

  it('makes each datagram one chunk and answers the last sender', async () => {
    const port = await freePort();
    const line = harness.open(`udp://127.0.0.1:${port}`);
    await until('the port', () => line.state.status === 'no-bytes');
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_CONNECT');
    const device = await sender();
    const answers: string[] = [];
    device.on('message', (message) => answers.push(message.toString()));
    device.send('one', port, '127.0.0.1');
    device.send('two', port, '127.0.0.1');
    expect(await nextText(line)).toBe('one');
    expect(await nextText(line)).toBe('two');
    await line.write(Buffer.from('thanks'));
    await until('the answer', () => answers.includes('thanks'));
  });

  it('asks the device at its address where it is told to, and hears nobody else', async () => {
    const [device, other] = [await sender(), await sender()];
    const asked: string[] = [];
    device.on('message', (message, from) => {
      asked.push(message.toString());
      other.send('not yours', from.port, from.address, () => device.send('answer', from.port, from.address));
    });
    const line = harness.open(`udp://127.0.0.1:${device.address().port}`, { remote: true });
    await until('the socket', () => line.state.status === 'no-bytes');
    await line.write(Buffer.from('question'));
    expect(await nextText(line)).toBe('answer');
    expect(asked).toEqual(['question']);
    sockets.splice(sockets.indexOf(device), 1);
    await new Promise<void>((resolve) => device.close(resolve));
    await line.write(Buffer.from('question')).catch(() => undefined);
    await until('the refusal', () => line.state.reason === 'refused');
  });

  it('drops the oldest for a slow reader, counts them and marks the gap', async () => {
    const port = await freePort();
    const line = harness.open(`udp://127.0.0.1:${port}`, { buffer: 4096 });
    await until('the port', () => line.state.status === 'no-bytes');
    const device = await sender();
    const gaps: string[] = [];
    line.onGap((kind) => gaps.push(kind));
    for (let index = 0; index < 20; index++) {
      device.send(Buffer.alloc(1000, index), port, '127.0.0.1');
      await until('the datagram', () => line.counters.chunks === index + 1);
    }
    expect(line.counters.dropped).toBe(17);
    expect((await line.read().next()).value[0]).toBe(17);
    expect(gaps).toEqual(['dropped']);
    expect((await line.read().next()).value[0]).toBe(18);
  });

  it('says that a port is taken, and takes it when it is free', async () => {
    const device = await sender();
    const line = harness.open(`udp://127.0.0.1:${device.address().port}`);
    await until('the refusal', () => line.state.retryAt !== undefined);
    expect(line.state.reason).toBe('busy');
    sockets.splice(0);
    await new Promise<void>((resolve) => device.close(resolve));
    harness.clock.advance(1000);
    await until('the port', () => line.state.status === 'no-bytes');
  });

  it('joins a multicast group, or says why it cannot', async () => {
    const port = await freePort();
    const line = harness.open(`udp://239.12.255.254:${port}?interface=127.0.0.1`);
    await until('an outcome', () => line.state.status === 'no-bytes' || line.state.reason !== undefined);
    expect(line.state.status).toBe('no-bytes');
    const device = await sender();
    device.setMulticastInterface('127.0.0.1');
    device.send('to all', port, '239.12.255.254');
    expect(await nextText(line)).toBe('to all');
    const wrong = harness.open(`udp://239.12.255.254:${port}?interface=192.0.2.77`);
    await until('the refusal', () => wrong.state.reason !== undefined);
    expect(wrong.state.status).toBe('connecting');
  });
});

describe('ws line', () => {
  let server: WebSocketServer;
  let peers: WebSocket[];

  async function serve(accept: (path: string) => boolean = () => true): Promise<string> {
    const http = createServer();
    server = new WebSocketServer({ noServer: true });
    peers = [];
    http.on('upgrade', (request, socket, head) => {
      if (accept(request.url ?? '')) server.handleUpgrade(request, socket, head, (peer) => void peers.push(peer));
      else socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    });
    return `ws://127.0.0.1:${await harness.serve(http)}`;
  }

  it('makes each message one chunk, both ways, and passes its query on', async () => {
    const paths: string[] = [];
    const line = harness.open(`${await serve((path) => paths.push(path) > 0)}/live?meter=7`);
    await until('the peer', () => peers.length === 1 && line.state.status === 'no-bytes');
    const heard: string[] = [];
    peers[0]!.on('message', (data: Buffer) => heard.push(data.toString()));
    peers[0]!.send('text');
    peers[0]!.send(Buffer.from([1, 2, 3]));
    expect(await nextText(line)).toBe('text');
    expect(await nextText(line)).toBe('\x01\x02\x03');
    await line.write(Buffer.from('back'));
    await line.drain();
    await until('the message', () => heard.length === 1);
    expect(heard).toEqual(['back']);
    expect(paths).toEqual(['/live?meter=7']);
  });

  it('tells a close from a refusal and comes back after both', async () => {
    let admit = true;
    const line = harness.open(await serve(() => admit));
    await until('the peer', () => peers.length === 1 && line.state.status === 'no-bytes');
    admit = false;
    peers[0]!.close(1012, 'service restart');
    await until('the close', () => line.state.reason === 'closed');
    expect(line.state.text).toContain('1012');
    harness.clock.advance(1000);
    await until('the refusal', () => line.state.reason === 'http-status');
    expect(line.state.text).toContain('401');
    admit = true;
    harness.clock.advance(2000);
    await until('the next peer', () => peers.length === 2 && line.state.status === 'no-bytes');
  });

  it('can be answered from its first message on, though that came with the handshake', async () => {
    const http = createServer();
    const heard: string[] = [];
    server = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      // both leave in one packet
      socket.cork();
      server.handleUpgrade(request, socket, head, (peer) => {
        peer.on('message', (data: Buffer) => heard.push(data.toString()));
        peer.send('hello');
      });
      socket.uncork();
    });
    const line = harness.open(`ws://127.0.0.1:${await harness.serve(http)}`);
    for await (const chunk of line) {
      await line.write(chunk);
      break;
    }
    await until('the answer', () => heard.length === 1);
    expect(heard).toEqual(['hello']);
    expect(line.state.status).toBe('no-frames');
  });

  it('ends a connection that sends more than fits', async () => {
    const line = harness.open(await serve());
    await until('the peer', () => peers.length === 1 && line.state.status === 'no-bytes');
    peers[0]!.send(Buffer.alloc(1024 * 1024 + 1));
    await until('the end', () => line.state.reason === 'protocol');
    expect(line.counters.bytesIn).toBe(0);
  });

  it('holds a fast sender back for a slow reader', async () => {
    const line = harness.open(await serve(), { buffer: 64 * 1024 });
    await until('the peer', () => peers.length === 1 && line.state.status === 'no-bytes');
    const message = Buffer.alloc(64 * 1024, 7);
    for (let count = 0; count < 400; count++) peers[0]!.send(message);
    await until('the sender to be held', () => line.counters.chunks > 0 && peers[0]!.bufferedAmount > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(line.counters.chunks).toBeLessThan(50);
    let read = 0;
    for await (const chunk of line) {
      read += chunk.length;
      if (read === 400 * message.length) break;
    }
    expect(line.counters.dropped).toBe(0);
  });
});

describe('http line', () => {
  let requests: { url: string; auth: string | undefined }[];

  async function serve(answer: (response: ServerResponse, count: number) => void): Promise<string> {
    requests = [];
    const server = createServer((request, response) => {
      requests.push({ url: request.url ?? '', auth: request.headers.authorization });
      answer(response, requests.length);
    });
    return `127.0.0.1:${await harness.serve(server)}`;
  }

  it('polls on its grid, each body one chunk, with credentials and the query of the server', async () => {
    const host = await serve((response, count) => response.end(`body ${count}`));
    const line = harness.open(`http://joe:pw@${host}/api?scope=all&every=2s`);
    expect(await nextText(line)).toBe('body 1');
    for (let count = 2; count < 5; count++) {
      harness.clock.advance(1999);
      expect(requests.length).toBe(count - 1);
      harness.clock.advance(1);
      expect(await nextText(line)).toBe(`body ${count}`);
    }
    expect(requests[0]).toEqual({ url: '/api?scope=all', auth: `Basic ${Buffer.from('joe:pw').toString('base64')}` });
    expect(line.counters.connects).toBe(1);
    expect(line.state.source).not.toContain('pw');
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_UNSUPPORTED');
  });

  it('does not count the wait between polls as silence', async () => {
    const host = await serve((response) => response.end('x'));
    const line = harness.open(`http://${host}/?every=60s`, { idle: 1000 });
    expect(await nextText(line)).toBe('x');
    harness.clock.advance(59_000);
    expect(line.state.status).toBe('no-frames');
  });

  it.each([
    ['an error status', 'http-status', (response: ServerResponse) => response.writeHead(503).end('later')],
    [
      'a redirect',
      'http-status',
      (response: ServerResponse) => response.writeHead(302, { location: 'http://elsewhere/' }).end(),
    ],
    ['a body that is too large', 'protocol', (response: ServerResponse) => response.end(Buffer.alloc(1024 * 1024 + 1))],
    [
      'an answer that breaks off',
      'closed',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
      },
    ],
  ])('gives %s as a reason and nothing to read, and tries again', async (_name, reason, answer) => {
    const host = await serve((response, count) => (count === 1 ? answer(response) : response.end('whole')));
    const line = harness.open(`http://${host}/`);
    await until('the failure', () => line.state.retryAt !== undefined);
    expect(line.state.reason).toBe(reason);
    expect(line.counters.bytesIn).toBe(0);
    harness.clock.advance(1000);
    expect(await nextText(line)).toBe('whole');
  });

  it('gives up on an answer that never ends', async () => {
    const host = await serve((response, count) => (count === 1 ? response.end('ok') : response.write('and then')));
    const line = harness.open(`http://${host}/?every=1s`);
    expect(await nextText(line)).toBe('ok');
    harness.clock.advance(1000);
    await until('the second poll', () => requests.length === 2);
    harness.clock.advance(10_000);
    await until('the time-out', () => line.state.reason === 'timeout');
  });

  it('does not poll for a reader that does not read', async () => {
    const host = await serve((response) => response.end(Buffer.alloc(3000)));
    const line = harness.open(`http://${host}/?every=1s`, { buffer: 5000 });
    await until('the first body', () => line.counters.chunks === 1);
    harness.clock.advance(1000);
    await until('the second body', () => line.counters.chunks === 2);
    harness.clock.advance(10_000);
    expect(requests.length).toBe(2);
    await line.read().next();
    await line.read().next();
    await until('the poll that was due', () => requests.length === 3);
  });
});
