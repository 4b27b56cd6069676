import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, silentLog } from '@smx-edge/model';
import { WebSocketServer } from 'ws';
import { Box, until } from '../test-support/box.js';
import { PortProcess } from './port-process/index.js';

test('an instance opens a TCP line by itself, and its states are told', async () => {
  const peers: Socket[] = [];
  let answer = '';
  const server = createServer((socket) => {
    peers.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => (answer += bytes.toString()));
    socket.write('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const box = await Box.run({ a: { use: 'line', config: { source: `tcp://127.0.0.1:${port}` } } });
  try {
    await until(
      () => box.value('line/heard') === 'hello',
      () => [box.host.list(), box.logged],
    );
    await until(() => answer === 'you said hello\n');
    await until(
      () => box.status('a').lines[0]?.status === 'ok',
      () => box.host.list(),
    );
    expect(box.status('a').lines).toMatchObject([{ source: expect.stringContaining(`127.0.0.1:${port}`) }]);
    server.close();
    for (const peer of peers) peer.destroy();
    await until(
      () => box.status('a').lines[0]?.status === 'connecting',
      () => box.host.list(),
    );
  } finally {
    server.close();
    await box.close();
  }
});

test('an instance opens a WebSocket with a library that others do not carry', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let answer = '';
  server.on('connection', (socket) => {
    socket.on('message', (bytes: Buffer) => (answer += bytes.toString()));
    socket.send('hello');
  });
  const box = await Box.run({
    a: { use: 'line', config: { source: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` } },
  });
  try {
    await until(
      () => box.value('line/heard') === 'hello' && answer.startsWith('you said hello'),
      () => [box.host.list(), box.logged],
    );
  } finally {
    await box.close();
    server.close();
  }
});

const socat = spawnSync('socat', ['-V']).status === 0 ? test : test.skip;

socat('a serial line is opened by the port process and handed to the instance, isolated or not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smx-pty-'));
  const [near, far] = [join(dir, 'near'), join(dir, 'far')];
  const pty: ChildProcess = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
    stdio: 'ignore',
  });
  await until(() => existsSync(near) && existsSync(far));
  const box = await Box.open();
  const serial = new PortProcess({
    runDir: join(box.dir, 'run'),
    log: silentLog,
    clock: systemClock,
    main: require.resolve('@smx-edge/extension-host/port-process'),
  });
  await box.halt();
  const instances = {
    a: {
      use: 'line',
      config: { source: `serial:${near}?baud=9600&mode=7E1` },
      allow: { publish: ['#'], serial: true },
    },
  };
  // as installed package: in a sandbox where the box has one
  const again = await Box.open({ dir: box.dir, serial, firstParty: '/nowhere' });
  try {
    await again.host.start(instances);
    const handle = await open(far, 'r+');
    await until(
      async () => {
        await handle.write('x');
        return again.text('line/heard')?.includes('xx');
      },
      () => [again.host.list(), again.logged],
    );
    const { buffer } = await handle.read(Buffer.alloc(200), 0, 200);
    expect(buffer.toString()).toContain('you said x');
    await handle.close();
  } finally {
    await again.close();
    pty.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});
