import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseSiteConfig, startSite, type Meter, type Site } from '@smx-edge/site-simulator';
import { Box, stop, until, type Running } from './smxcore-support.js';

const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';

/** A meter as its reader sees it: real lines, the port process, the bundled extension in its own process. */
let box: Box;
let site: Site;

beforeEach(() => (box = new Box()));
afterEach(async () => {
  await box.remove();
  await site.stop();
});

async function open(given: object): Promise<Meter> {
  const meters = [{ protocol: 'dlms', referencing: 'sn', port: 0, days: 2, ...given }];
  site = await startSite(parseSiteConfig({ meters }));
  return site.meters.get('dlms')!;
}

/** Values of the meter by path, once it has this one. */
async function read(config: Record<string, unknown>, path: string): Promise<Record<string, unknown>> {
  return (await readAnd(config, path)).values;
}

async function readAnd(
  config: Record<string, unknown>,
  path: string,
): Promise<{ values: Record<string, unknown>; core: Running }> {
  const extensions = { meter: { use: 'meter-dlms', config } };
  box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
  const { core } = await box.core();
  const values = await until(async () => {
    const { status, out } = await box.smx(['read', 'pcc/#', '--json']);
    if (status !== 0) return undefined;
    const rows = JSON.parse(out) as { path: string; value: unknown }[];
    const values = Object.fromEntries(rows.map((row) => [row.path, row.value]));
    return typeof values[path] === 'number' ? values : undefined;
  });
  return { values, core };
}

/** What the house counted is what the reader gives, up to what flows while it is asked, Wh. */
function expectRead(values: Record<string, unknown>): void {
  const { meter, grid } = site.house;
  const counted = meter.wattHours('import') - Number(values['pcc/energy/active/import']);
  expect(counted).toBeGreaterThanOrEqual(-1);
  expect(counted).toBeLessThan(2000);
  expect(Math.abs(Number(values['pcc/voltage/l1']) - grid.voltage[0]!)).toBeLessThan(15);
  expect(values['pcc/serial']).toBe('53078125');
}

/** A line to the meter on which all that is sent to it is heard. */
async function tapped(port: number): Promise<{ source: string; heard(): Buffer; close(): void }> {
  const chunks: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const meter = connect(port, '127.0.0.1');
    sockets.push(socket, meter);
    for (const end of [socket, meter]) end.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.pipe(meter).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    source: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => Buffer.concat(chunks),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a DLMS meter', () => {
  it('that is ciphered is told a title of this box alone, the same after a restart', async () => {
    const [encryption, authentication] = ['01'.repeat(16), '02'.repeat(16)];
    const security = { encryptionKey: encryption, authenticationKey: authentication };
    const { address } = await open({ referencing: 'ln', transport: 'wrapper', security });
    const keys = { 'encryption-key': encryption, 'authentication-key': authentication };
    const titles: string[] = [];
    for (let start = 0; start < 2; start++) {
      const tap = await tapped(address.port);
      const config = { source: tap.source, transport: 'wrapper', client: 1, auth: 'gmac', security: keys };
      const { core } = await readAnd(config, 'pcc/energy/active/import');
      const heard = tap.heard();
      const at = heard.indexOf('SMX');
      titles.push(heard.subarray(at, at + 8).toString('hex'));
      await stop(core);
      tap.close();
    }
    expect(titles[0]).toMatch(/^534d58[0-9a-f]{10}$/);
    expect(titles[0]).not.toBe('534d580000000001');
    expect(titles[1]).toBe(titles[0]);
  });

  it('that nobody knows is found by `smx discover`, and read with the section it gives', async () => {
    const { address } = await open({});
    const source = `tcp://127.0.0.1:${address.port}`;
    const { core } = await box.core();
    const found = await box.smx(['discover', 'meter-dlms', source, '--json']);
    expect(found).toMatchObject({ status: 0, err: '' });
    const first = JSON.parse(found.out) as { title: string; config: Record<string, unknown> };
    expect(first.title).toContain('53078125');
    expect(first.config).toMatchObject({ source, profile: 'landis-gyr-zmd', auth: 'none' });
    await stop(core);
    expectRead(await read(first.config, 'pcc/energy/active/import'));
  });

  it('under an optical head that gives back what is sent to it is signed on to through the port process', async () => {
    const pty = join(box.folder, 'tty');
    await open({ transport: 'mode-e', password: '00000000', pty, faults: [{ fault: 'echo' }] });
    const config = { source: `serial:${pty}`, profile: 'landis-gyr-zmd', transport: 'mode-e', password: '00000000', 'baud-delay': '50ms' }; // prettier-ignore
    expectRead(await read(config, 'pcc/energy/active/import'));
  });
});
