import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '@smx-edge/extension-api/transports';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';
import { Box, until } from './smxcore-support.js';

describe('doors to instances', () => {
  let site: P1Site;
  let box: Box;
  let source: string;
  let folder: string;
  let url: string;
  const json = async (...args: string[]): Promise<unknown> => {
    const { status, out, err } = await box.smx([...args, '--json']);
    if (status !== 0) throw new Error(`${status}: ${out}${err}`);
    return JSON.parse(out);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-doors-'));
    site = await startP1Site({ host: '127.0.0.1', port: 0 });
    source = `tcp://127.0.0.1:${site.address.port}`;
    box = new Box(
      `extensions:\n  p1: { use: p1-reader, config: { source: "${source}" } }\n  virtual: { use: virtual-device, config: {} }\n`,
    );
    ({ url } = await box.core());
    await until(async () => (await box.smx(['read', 'pcc/power/active', '--json'])).status === 0);
  }, 60_000);
  afterAll(async () => {
    await box.remove();
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a call takes JSON or key=value, and answers with its result', async () => {
    await until(async () => (await box.smx(['call', 'virtual', 'behave', 'answer=ignore'])).status === 0);
    expect(await json('call', 'virtual', 'behave', '{"answer":"obey"}')).toEqual({ answer: 'obey' });
    expect(await json('call', 'p1', 'telegram')).toMatchObject({ text: expect.stringContaining('1-0:1.7.0') });
    const wrong = await box.smx(['call', 'virtual', 'behave', 'answer=dance']);
    expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('SMX_EXTENSION_CALL')]);
    expect((await box.smx(['call', 'virtual', 'behave', 'dance'])).status).toBe(2);
    expect((await box.smx(['call', 'none', 'behave'])).err).toContain('SMX_EXTENSION_');
  });

  test('discovery lists what is installed and finds the meter on its line', async () => {
    expect(await json('discover')).toMatchObject({
      extensions: expect.arrayContaining([expect.objectContaining({ use: 'p1-reader' })]),
      ports: expect.any(Array),
    });
    expect(await json('discover', 'p1-reader', source)).toMatchObject({
      title: expect.stringContaining('eMUCS'),
      config: { source },
    });
    expect((await box.smx(['discover', 'none', source])).err).toContain('SMX_EXTENSION_UNKNOWN');
    expect((await box.smx(['discover', 'p1-reader', 'nowhere'])).err).toContain('SMX_TRANSPORT_SOURCE');
  });

  test('a recording has every byte of the line with its time', async () => {
    const file = join(folder, 'p1.capture');
    const recording = box.start(['record', 'p1', file]);
    await until(() => existsSync(file) && (readFileSync(file, 'latin1').match(/!\w{4}/g)?.length ?? 0) >= 3);
    const entries = async (): Promise<Record<string, unknown>[]> =>
      (await box.smx(['ledger', 'export'])).out
        .split('\n')
        .filter((line) => line.includes('"recorded":"p1"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    // who records stands in the ledger while it goes on
    expect(await entries()).toMatchObject([
      { kind: 'disclosure', principal: 'local', data: { recorded: 'p1', line: 1 } },
    ]);
    const again = await box.smx(['record', 'p1', join(folder, 'second')]);
    expect([again.status, again.err]).toEqual([1, expect.stringContaining('SMX_TRANSPORT_BUSY')]);
    expect(existsSync(join(folder, 'second'))).toBe(false);
    recording.child.kill('SIGINT');
    expect(await recording.ended()).toMatchObject({ status: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const capture = readCapture(readFileSync(file));
    expect(capture.source).toBe(source);
    expect(Math.abs(capture.begin! - Date.now())).toBeLessThan(60_000);
    expect(capture.bad).toBe(0);
    const text = Buffer.concat(capture.records.map(({ bytes }) => bytes)).toString('latin1');
    await until(async () => (await entries()).length === 2);
    const told = (await entries())[1]!['data'] as { since: number; until: number; bytes: number; source: string };
    expect(told).toMatchObject({ since: capture.begin, source, lost: 0 });
    expect(told.until - told.since).toBeGreaterThan(1000);
    expect(told.bytes).toBeGreaterThanOrEqual(Buffer.byteLength(text));
    const newest = (await json('call', 'p1', 'telegram')) as { text: string };
    expect(text).toContain(newest.text.split('\r\n')[0]);
    // the capture is a regression test: the driver makes of it what it made of the line
    const replayed = await box.smx(['replay', file, '--json']);
    expect([replayed.status, replayed.err]).toEqual([0, expect.stringMatching(/records gave \d+ values/)]);
    const values = replayed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; v: unknown; t: number });
    const powers = values.filter(({ path }) => path === 'pcc/power/active');
    expect(powers.length).toBeGreaterThanOrEqual(2);
    await until(async () => {
      const history = (await json('history', 'pcc/power/active', '--from', '10m')) as {
        points: Record<string, [number, number][]>;
      };
      const live = new Map(history.points['pcc/power/active']);
      return powers.every(({ t, v }) => live.get(t) === v);
    });
    expect((await box.smx(['replay', file, '--json'])).out).toBe(replayed.out);
    expect((await box.smx(['replay', file, '--instance', 'none'])).status).toBe(2);
    expect((await box.smx(['replay', file, '--use', 'virtual-device'])).status).not.toBe(0);
    // the line is free again, and a file that is there is never written over
    expect((await box.smx(['record', 'p1', file, '--for', '1s'])).status).toBe(2);
    expect((await box.smx(['record', 'p1', join(folder, 'third'), '--for', '500ms'])).status).toBe(0);
    expect((await box.smx(['record', 'virtual', join(folder, 'none')])).err).toContain('SMX_TRANSPORT_ABSENT');
  }, 120_000);

  test('only who manages extensions records or discovers; a recording ends with its token', async () => {
    const { token } = (await json('token', 'create', '--role', 'viewer', '--name', 'v')) as { token: string };
    for (const args of [['discover'], ['record', 'p1', join(folder, 'denied')]])
      expect((await box.smx([...args, '--token', token])).err).toContain('SMX_ACCESS_DENIED');
    const installer = (await json('token', 'create', '--role', 'installer', '--name', 'i')) as { token: string };
    const recording = box.start(['record', 'p1', join(folder, 'cut'), '--token', installer.token]);
    await until(() => existsSync(join(folder, 'cut')));
    await box.smx(['token', 'revoke', 'i']);
    expect(await recording.ended()).toMatchObject({ status: 1, out: expect.stringContaining('no longer valid') });
    expect((await fetch(`${url}/api/v1/extensions/p1/capture`)).status).toBe(401);
  });
});

test('a line that is faster than a recording takes is recorded with its losses told, and its values go on', async () => {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    const pump = (): void => {
      if (socket.destroyed) return;
      socket.write(Buffer.alloc(32_768, 0x41));
      setTimeout(pump, 10);
    };
    pump();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = mkdtempSync(join(tmpdir(), 'smx-fast-'));
  const box = new Box(`extensions:\n  p1: { use: p1-reader, config: { source: "tcp://127.0.0.1:${port}" } }\n`);
  try {
    await box.core();
    await until(async () => (await box.smx(['extensions', '--json'])).out.includes('"no-frames"'));
    const file = join(folder, 'fast');
    expect(await box.smx(['record', 'p1', file, '--for', '4s'])).toMatchObject({ status: 0 });
    const text = readFileSync(file, 'latin1');
    expect(text).toMatch(/# \d+ bytes were lost here/);
    expect(readCapture(readFileSync(file))).toMatchObject({ bad: 0 });
    // four seconds and the burst
    expect(text.length).toBeLessThan(1_000_000);
    const [instance] = JSON.parse((await box.smx(['extensions', '--json'])).out);
    expect(instance).toMatchObject({ state: 'running', restarts: 0 });
  } finally {
    await box.remove();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

test('a replay gives an installed package only what the config allows it', async () => {
  const box = new Box(
    'packages: ./packages\nextensions: { known: { use: looker, allow: { files: ["../../kept"] }, config: { source: "tcp://known:1" } } }\n',
  );
  const capture = (source: string): string => {
    const file = join(box.folder, `${source.replaceAll(/\W/g, '-')}.capture`);
    writeFileSync(file, `smx-capture 1 2026-01-01T00:00:00.000Z ${source}\n0 < x\n`);
    return file;
  };
  const folder = join(box.folder, 'packages/looker');
  writeFileSync(join(box.folder, 'kept'), 'x');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      ...{ name: 'looker', version: '1.0.0', main: 'index.js' },
      smx: { api: '^1.0', title: 'Looker', permissions: { files: ['../../kept'] } },
    }),
  );
  writeFileSync(
    join(folder, 'index.js'),
    `const { readFileSync } = require('node:fs');
     exports.default = { async start(smx) {
       const device = smx.device('d');
       device.point('power/active', { unit: 'W' });
       smx.open(smx.config.source);
       let seen = 1;
       try { readFileSync(require('node:path').join(__dirname, '../../kept')); } catch { seen = 0; }
       device.set({ 'power/active': seen });
     } };`,
  );
  const seen = async (...args: string[]): Promise<unknown> => {
    const { status, out, err } = await box.smx(['replay', ...args, '--json']);
    expect([status, err]).toEqual([0, expect.stringContaining('gave')]);
    return (JSON.parse(out.split('\n')[0]!) as { v: unknown }).v;
  };
  try {
    expect(await seen(capture('tcp://other:1'), '--use', 'looker')).toBe(0);
    expect(await seen(capture('tcp://known:1'))).toBe(1);
  } finally {
    await box.remove();
  }
});
