import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { SmxError } from '@smx-edge/model';
import { connack, cuttable, fakeBroker, silent, type FakeBroker } from '../../test-support/fake-broker.js';
import { until } from '../../test-support/fixture.js';
import { linkBench, sniff, type LinkBench } from '../../test-support/link-bench.js';
import {
  freePort,
  makeCa,
  makeCertificate,
  startMosquitto,
  temporaryFolder,
  type Mosquitto,
} from '../../test-support/mosquitto.js';
import type { LinkAccess, LinkStatus } from './link-options.js';

let bench: LinkBench;
const ends: (() => Promise<void>)[] = [];

beforeEach(() => {
  bench = linkBench({ connectTime: 400 });
  bench.gate.declare('pcc/power/active');
  bench.gate.grant('g', { read: ['#'] });
});

afterEach(async () => {
  await bench.stop();
  for (const end of ends.splice(0).reverse()) await end();
});

async function fake(behaviour: Parameters<typeof fakeBroker>[0]): Promise<FakeBroker> {
  const broker = await fakeBroker(behaviour);
  ends.push(() => broker.close());
  return broker;
}

async function mosquitto(...args: Parameters<typeof startMosquitto>): Promise<Mosquitto> {
  const broker = await startMosquitto(...args);
  ends.push(() => broker.remove());
  return broker;
}

/** Links to `url` and gives the state with `code`. */
async function fails(url: string, code: string, access: LinkAccess = {}): Promise<LinkStatus> {
  bench.add({ name: 'g', url, access: () => access });
  const seen = new Set<string | undefined>();
  await until(() => {
    seen.add(bench.status('g').code);
    return seen.has(code) || seen.size > 3;
  }, code);
  // nothing but this reason, whatever moment is looked at
  expect([...seen].filter((one) => one !== undefined && one !== 'SMX_LINK_VERSION')).toEqual(
    code === 'SMX_LINK_VERSION' ? [] : [code],
  );
  return bench.status('g');
}

describe('each thing that can be wrong has its own state, and says what to do', () => {
  it('a name that nobody knows', async () => {
    const { state, reason, retryAt, failures } = await fails('mqtt://no-such-host.invalid:1', 'SMX_LINK_DNS');
    expect(state).not.toBe('online');
    expect(reason).toContain('`url:`');
    expect(retryAt === undefined || retryAt > 0).toBe(true);
    expect(failures).toBeGreaterThan(0);
  });

  it('nobody at the port', async () => {
    await fails(`mqtt://127.0.0.1:${await freePort()}`, 'SMX_LINK_REFUSED');
  });

  it('a broker that accepts and then says nothing', async () => {
    const broker = await fake(silent);
    const { reason } = await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_SILENT');
    expect(reason).toContain('no CONNACK within 0.4 s');
  });

  it('one that says nothing to the TLS handshake', async () => {
    const broker = await fake(silent);
    const { reason } = await fails(`mqtts://127.0.0.1:${broker.port}`, 'SMX_LINK_SILENT');
    expect(reason).toContain('TLS handshake');
  });

  it.each([
    ['nothing at all', { keepAlive: 1 }, 'said nothing for 1.5 s'],
    ['pings only', { keepAlive: 1, answerTime: 3000 }, 'within 3 s'],
  ])('one that accepts and then answers %s', async (what, times, reason) => {
    await bench.stop();
    bench = linkBench({ connectTime: 400, ...times });
    bench.gate.grant('g', { read: ['#'] });
    const broker = await fake((socket) => {
      socket.write(connack(0, true));
      // PINGREQ is C0 00, PINGRESP D0 00 (OASIS MQTT 5.0 §3.12)
      if (what === 'pings only')
        socket.on('data', (bytes) => bytes[0] === 0xc0 && socket.write(Buffer.from([0xd0, 0])));
    });
    expect((await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_SILENT')).reason).toContain(reason);
  });

  it.each([
    ['404', 'SMX_LINK_PROTOCOL', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'],
    ['nothing', 'SMX_LINK_SILENT', ''],
  ])('one that answers to a WebSocket with %s', async (what, code, answer) => {
    const broker = await fake((socket) => answer !== '' && socket.end(answer));
    const { reason } = await fails(`ws://127.0.0.1:${broker.port}/mqtt`, code);
    if (answer !== '') expect(reason).toContain(what);
  });

  it('one that says nothing to the TLS handshake of a WebSocket', async () => {
    const broker = await fake(silent);
    const { reason } = await fails(`wss://127.0.0.1:${broker.port}/mqtt`, 'SMX_LINK_SILENT');
    expect(reason).toContain('TLS handshake');
  });

  it('something that speaks neither TLS nor MQTT', async () => {
    const broker = await fake((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await fails(`mqtts://127.0.0.1:${broker.port}`, 'SMX_LINK_TLS');
    bench.gate.grant('plain', { read: ['#'] });
    bench.add({ name: 'plain', url: `mqtt://127.0.0.1:${broker.port}` });
    await until(() => bench.status('plain').code === 'SMX_LINK_PROTOCOL', JSON.stringify(bench.status('plain')));
  });

  it.each([
    [4, 'SMX_LINK_AUTH'],
    [5, 'SMX_LINK_AUTH'],
    [3, 'SMX_LINK_QUOTA'],
    [2, 'SMX_LINK_AUTH'],
  ])('a CONNACK of 3.1.1 with code %i', async (returned, code) => {
    const broker = await fake((socket, version) => socket.end(connack(version === 5 ? 1 : returned)));
    await fails(`mqtt://127.0.0.1:${broker.port}`, code);
  });

  it.each([
    [0x86, 'SMX_LINK_AUTH'],
    [0x97, 'SMX_LINK_QUOTA'],
    [0x89, 'SMX_LINK_QUOTA'],
    [0x95, 'SMX_LINK_PACKET'],
    [0x9f, 'SMX_LINK_QUOTA'],
  ])('a CONNACK of 5.0 with reason %i', async (returned, code) => {
    const broker = await fake((socket) => socket.end(connack(returned, true)));
    await fails(`mqtt://127.0.0.1:${broker.port}`, code);
    expect(new Set(broker.versions)).toEqual(new Set([5]));
  });

  it.each([
    [0x97, 'SMX_LINK_QUOTA'],
    [0x95, 'SMX_LINK_PACKET'],
    [0x8e, 'SMX_LINK_TAKEN'],
  ])('a DISCONNECT of 5.0 with reason %i', async (reason, code) => {
    const broker = await fake((socket) => {
      socket.write(connack(0, true));
      socket.end(Buffer.from([0xe0, 2, reason, 0]));
    });
    await fails(`mqtt://127.0.0.1:${broker.port}`, code);
  });

  it('a packet of the broker larger than the box takes', async () => {
    const broker = await fake((socket) => {
      socket.write(connack(0, true));
      socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
    });
    await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_PROTOCOL');
  });

  it('a file or secret that cannot be read, and takes it once it is there', async () => {
    const broker = await mosquitto();
    let missing = true;
    bench.add({
      name: 'g',
      url: `mqtt://127.0.0.1:${broker.port}`,
      access: () => {
        if (missing) throw new SmxError('SMX_CONFIG_SECRET', 'the secret file is not there');
        return {};
      },
    });
    await until(() => bench.status('g').code === 'SMX_CONFIG_SECRET', 'the reason');
    missing = false;
    await until(() => bench.status('g').state === 'online', 'the link');
  });
});

describe('a broker without MQTT 5.0', () => {
  it.each([
    ['says so', (): Buffer => connack(1)],
    ['closes without a word', (): Buffer => Buffer.alloc(0)],
  ])('that %s is spoken to in 3.1.1', async (_how, answer) => {
    const broker = await fake((socket, version) => {
      if (version === 4) socket.write(connack(0));
      else socket.end(answer());
    });
    bench.add({ name: 'g', url: `mqtt://127.0.0.1:${broker.port}` });
    await until(() => bench.status('g').state === 'online', 'the link');
    expect(bench.status('g').protocol).toBe('3.1.1');
    expect(broker.versions).toEqual([5, 4]);
  });

  it('that is a real one of 3.1.1 is spoken to in 3.1.1', async () => {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    ends.push(async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      server.close();
    });
    bench.add({ name: 'g', url: `mqtt://127.0.0.1:${port}` });
    await until(() => bench.status('g').state === 'online' && bench.status('g').sent >= 3, 'the tree');
    expect(bench.status('g').protocol).toBe('3.1.1');
  });

  it('that speaks no version at all is told apart', async () => {
    const broker = await fake((socket) => socket.end(connack(1)));
    await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_VERSION');
  });
});

describe('Mosquitto over TLS with client certificates', () => {
  const folder = temporaryFolder();
  const settings = (dir: string, server: string): string =>
    [
      `cafile ${join(dir, 'ca.pem')}`,
      `certfile ${join(dir, `${server}.pem`)}`,
      `keyfile ${join(dir, `${server}.key`)}`,
      'require_certificate true',
      'use_identity_as_username true',
      `acl_file ${join(dir, 'acl')}`,
    ].join('\n');
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const access = (client = 'client', ca = 'ca'): LinkAccess => ({
    ca: pem(`${ca}.pem`),
    cert: pem(`${client}.pem`),
    key: pem(`${client}.key`),
  });

  beforeAll(() => {
    makeCa(folder, 'ca');
    makeCa(folder, 'other');
    makeCertificate(folder, { name: 'server', ca: 'ca', san: 'IP:127.0.0.1' });
    makeCertificate(folder, { name: 'elsewhere', ca: 'ca', san: 'DNS:elsewhere.example' });
    makeCertificate(folder, { name: 'old', ca: 'ca', san: 'IP:127.0.0.1', over: true });
    makeCertificate(folder, { name: 'client', ca: 'ca' });
    makeCertificate(folder, { name: 'former', ca: 'ca', over: true });
    makeCertificate(folder, { name: 'stranger', ca: 'other' });
    writeFileSync(join(folder, 'acl'), 'user client\ntopic readwrite smx/1/+/g/#\n');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(server = 'server'): Promise<string> {
    const broker = await startMosquitto(() => settings(folder, server), folder);
    ends.push(() => broker.stop());
    return `mqtts://127.0.0.1:${broker.port}`;
  }

  it('brings the tree', async () => {
    const url = await start();
    bench.add({ name: 'g', url, access: () => access() });
    await until(() => bench.status('g').state === 'online' && bench.status('g').sent >= 3, 'the tree');
    expect(bench.status('g').code).toBeUndefined();
  });

  it('tells a CA it does not know', async () => {
    await fails(await start(), 'SMX_LINK_TLS_CA', access('client', 'other'));
  });

  it('tells a certificate that is over', async () => {
    await fails(await start('old'), 'SMX_LINK_TLS_EXPIRED', access());
  });

  it('tells a certificate of another host', async () => {
    await fails(await start('elsewhere'), 'SMX_LINK_TLS_HOST', access());
  });

  it('tells that its own certificate is missing', async () => {
    await fails(await start(), 'SMX_LINK_TLS_CLIENT', { ca: pem('ca.pem') });
  });

  it('tells that its own certificate is of a stranger', async () => {
    await fails(await start(), 'SMX_LINK_TLS_CLIENT', access('stranger'));
  });

  it('tells that its own certificate is over, and takes the renewed one', async () => {
    const url = await start();
    let name = 'former';
    bench.add({ name: 'g', url, access: () => access(name) });
    await until(() => bench.status('g').code === 'SMX_LINK_TLS_CLIENT', 'the reason');
    expect(bench.status('g').reason).toContain('its time');
    name = 'client';
    await until(() => bench.status('g').state === 'online', 'the link');
  });

  it('tells a key that does not fit', async () => {
    await fails(await start(), 'SMX_LINK_TLS_CLIENT', { ...access(), key: pem('stranger.key') });
  });

  it('tells what is no PEM', async () => {
    await fails(await start(), 'SMX_LINK_TLS_CLIENT', { ...access(), cert: 'nothing of the kind' });
  });

  it('tells a topic that the login may not write, and stays', async () => {
    writeFileSync(join(folder, 'acl'), 'user client\ntopic read smx/1/+/g/#\n');
    const url = await start();
    writeFileSync(join(folder, 'acl'), 'user client\ntopic readwrite smx/1/+/g/#\n');
    const { state } = await fails(url, 'SMX_LINK_DENIED', access());
    expect(state).toBe('online');
  });
});

describe('Mosquitto with its own limits', () => {
  it('refuses a wrong password', async () => {
    const broker = await mosquitto((folder) => {
      writeFileSync(join(folder, 'passwords'), '');
      return `allow_anonymous false\npassword_file ${join(folder, 'passwords')}`;
    });
    await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_AUTH', { user: 'g', password: 'wrong' });
  });

  it('takes no `cat` of this size: the link stays up and says so', async () => {
    const broker = await mosquitto(() => 'allow_anonymous true\nmax_packet_size 2000');
    for (let i = 0; i < 100; i++) bench.gate.declare(`pcc/value-${i}`);
    const { state, reason } = await fails(`mqtt://127.0.0.1:${broker.port}`, 'SMX_LINK_PACKET');
    expect(state).toBe('online');
    expect(reason).toContain('`cat`');
    expect(reason).toContain('compress: deflate');
  });

  it('closes on a `cat` of this size in 3.1.1, where it cannot say so: the link finds out', async () => {
    const broker = await mosquitto(() => 'allow_anonymous true\nmax_packet_size 2000');
    for (let i = 0; i < 100; i++) bench.gate.declare(`pcc/value-${i}`);
    const proxy = await cuttable(broker.port, 4);
    ends.push(() => proxy.close());
    bench.add({ name: 'g', url: `mqtt://127.0.0.1:${proxy.port}` });
    await until(() => bench.status('g').code === 'SMX_LINK_PACKET', JSON.stringify(bench.status('g')));
    expect(bench.status('g').reason).toMatch(/closes the connection whenever `cat` of \d+ bytes comes/);
  });

  it('tells `lost` where the box vanishes, on 5.0 only once it stays away', async () => {
    const broker = await mosquitto();
    const outside = await sniff(broker.port);
    ends.push(() => outside.end());
    const proxy = await cuttable(broker.port);
    ends.push(() => proxy.close());
    bench.add({ name: 'g', url: `mqtt://127.0.0.1:${proxy.port}` });
    const states = (): unknown[] => outside.json('smx/1/site-1/g/state').map(({ s }) => s);
    await until(() => states().length > 0, 'state');
    proxy.cut();
    await until(() => bench.status('g').connects === 2, 'the way back');
    await until(() => states().length > 1, 'the second state');
    expect(states()).toEqual(['online', 'online']);
  });

  it('tells `lost` at once on 3.1.1', async () => {
    const broker = await mosquitto();
    const outside = await sniff(broker.port);
    ends.push(() => outside.end());
    // takes 5.0 for unknown, as brokers of 3.1.1 do
    const proxy = await cuttable(broker.port, 4);
    ends.push(() => proxy.close());
    bench.add({ name: 'g', url: `mqtt://127.0.0.1:${proxy.port}` });
    const states = (): unknown[] => outside.json('smx/1/site-1/g/state').map(({ s }) => s);
    await until(() => states().length > 0, 'state');
    expect(bench.status('g').protocol).toBe('3.1.1');
    proxy.cut();
    await until(() => states().length > 2, 'the second state');
    expect(states()).toEqual(['online', 'lost', 'online']);
  });
});
