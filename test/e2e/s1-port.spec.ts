import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '@smx-edge/extension-api/transports';
import { S1Decoder } from '@smx-edge/protocols/s1';
import { parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { Box, Running, until } from './smxcore-support.js';

/** Lines that an S1 port may be on, and what the box makes of each: found, recorded, of another kind, or with nothing on it. */
const ESSENTIALS = 'site: test\ndata: ./var\ntimezone: Europe/Brussels\nhttp: { port: 0 }\nbroker: { port: 0 }\n';

/** 52 samples a period, of which the mains have 49.5 to 50.5 a second. */
const FOUND = /S1 port, three phases and a neutral, (25[789]|26[012])\d samples a second/;

let site: Site;
let tcp: string;
let p1: string;
let pty: string;
let folder: string;
let silent: Server;
const sockets: Socket[] = [];
let nothing: string;

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smx-s1-'));
  pty = join(folder, 'tty');
  const meters = [
    { protocol: 'p1', port: 0 },
    { protocol: 's1', name: 's1', port: 0, pty },
  ];
  site = await startSite(parseSiteConfig({ meters }));
  const address = (name: string): string => `tcp://127.0.0.1:${site.meters.get(name)!.address.port}`;
  [tcp, p1] = [address('s1'), address('p1')];
  silent = createServer((socket) => sockets.push(socket.on('error', () => {})));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  nothing = `tcp://127.0.0.1:${portOf(silent)}`;
}, 60_000);
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  await site.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Instance {
  readonly id: string;
  readonly status: { readonly state: string; readonly text: string } | null;
}

describe('a box', () => {
  let box: Box;
  beforeEach(() => (box = new Box('', ESSENTIALS)));
  afterEach(() => box.remove());

  const start = async (config: object): Promise<string> => {
    box.write(`${ESSENTIALS}extensions: ${JSON.stringify({ s1: { use: 's1-reader', config } })}\n`);
    return (await box.core()).url;
  };
  const status = async (): Promise<Instance['status']> =>
    (JSON.parse((await box.smx(['extensions', '--json'])).out) as Instance[]).find(({ id }) => id === 's1')!.status;
  const says = (text: string): Promise<unknown> => until(async () => (await status())?.text.includes(text));

  it('finds an S1 port on a network and on a serial line, and says of a P1 port and of silence what they are', async () => {
    await start({ source: nothing });
    const discover = async (source: string): Promise<unknown> =>
      JSON.parse((await box.smx(['discover', 's1-reader', source, '--json'])).out);
    const title = expect.stringMatching(FOUND) as string;
    const serial = `serial:${pty}`;
    expect(await discover(tcp)).toMatchObject({ title, config: { device: 's1', source: tcp } });
    expect(await discover(serial)).toMatchObject({ title, config: { device: 's1', source: serial } });
    for (const [source, text] of [
      [p1, /no S1 frame.*another port \(P1\?\)/],
      [nothing, /Nothing comes, as from a meter without an S1 port/],
    ] as const) {
      const { status, out, err } = await box.smx(['discover', 's1-reader', source]);
      expect([status, out, err]).toEqual([1, '', expect.stringMatching(text)]);
    }
  }, 180_000);

  it('takes a meter without the port for a normal one: well, offline, and without an alarm', async () => {
    const url = await start({ source: nothing });
    await says('as from a meter without an S1 port');
    expect(await status()).toMatchObject({ state: 'ok' });
    const made = await box.smx(['token', 'create', '--role', 'owner', '--json']);
    const { token } = JSON.parse(made.out) as { token: string };
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
    expect(await get('events?match=s1/%23')).toEqual([]);
    expect(await get('points?match=s1/%23')).toMatchObject([{ path: 's1/online', value: false }]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await box.smx(['call', 's1', 'scope'])).err).toMatch(/No S1 frame came yet: Nothing comes/);
    expect(JSON.parse((await box.smx(['call', 's1', 'week', '--json'])).out)).toEqual({
      ...{ timezone: 'Europe/Brussels', running: null, past: [] },
    });
  }, 120_000);

  it('records every byte of the port where that is allowed, to a size, and what it recorded gives the same values', async () => {
    await start({ source: `serial:${pty}`, invert: false, recording: { max: 1 } });
    await says('reading');
    const file = join(folder, 'recorded');
    const { status: code, out } = await box.smx(['record', 's1', file, '--for', '60s']);
    expect([code, out]).toEqual([1, expect.stringMatching(/it ended early: it holds the 1000000 bytes that it may/)]);
    const capture = readCapture(readFileSync(file));
    const bytes = Buffer.concat(capture.records.map((record) => record.bytes));
    expect(bytes.length).toBeLessThanOrEqual(1_000_000);
    expect(bytes.length).toBeGreaterThan(900_000);
    expect(readFileSync(file, 'latin1')).not.toContain('were lost here');
    const decoder = new S1Decoder({ onBlock: () => {} });
    decoder.push(bytes);
    decoder.flush();
    expect(decoder.counts).toMatchObject({ missing: 0, badFcs: 0 });
    expect(decoder.counts.frames).toBeGreaterThan(20_000);
    // its values by replay, and by a source of the same name as a file
    const replayed = await box.smx(['replay', file, '--instance', 's1', '--json']);
    const values = replayed.out.trim().split('\n').map((line) => JSON.parse(line) as { path: string; v: number }); // prettier-ignore
    const voltages = values.filter(({ path }) => path === 's1/voltage/l1');
    expect(voltages.length).toBeGreaterThanOrEqual(6);
    for (const { v } of voltages) expect(Math.abs(v - site.house.grid.voltage[0]!)).toBeLessThan(10);
    // the line is free again
    expect((await box.smx(['record', 's1', join(folder, 'more'), '--for', '1s'])).status).toBe(0);

    // what was recorded is a source too, as its times say and as bare bytes at the pace of a line
    const raw = join(folder, 's1.bin');
    writeFileSync(raw, bytes);
    const found = (source: string): Promise<{ out: string }> => box.smx(['discover', 's1-reader', source, '--json']);
    expect((await found(`file:${file}?speed=1`)).out).toMatch(FOUND);
    expect((await found(`file:${raw}?baud=1170000`)).out).toMatch(FOUND);
  }, 240_000);

  it('gives no raw bytes out where nobody allowed it', async () => {
    await start({ source: tcp, invert: false });
    await says('reading');
    const file = join(folder, 'refused');
    const { status: code, out } = await box.smx(['record', 's1', file]);
    expect([code, out]).toEqual([1, expect.stringMatching(/may not be recorded: .*recording: \{ max: MB \}/)]);
    expect(readCapture(readFileSync(file)).records).toEqual([]);
  }, 120_000);
});

it('passes the contract suite of extensions', async () => {
  const args = [
    'extension',
    'test',
    'extensions/s1-reader',
    '--watch',
    '2s',
    '--values',
    JSON.stringify({ source: tcp }),
  ];
  const { status, out, err } = await Running.start([...args, '--json']).ended();
  const bad = (JSON.parse(out || '[]') as { ok: boolean }[]).filter(({ ok }) => !ok);
  expect({ status, bad, err: out === '' ? err : '' }).toEqual({ status: 0, bad: [], err: '' });
}, 240_000);
