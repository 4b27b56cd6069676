import { createServer, type AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { helloName } from './client-hello.js';

/** The first bytes of a real client. */
async function hello(options: object): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const first = new Promise<Buffer>((resolve) => server.once('connection', (socket) => socket.once('data', resolve)));
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options });
  client.on('error', () => {});
  const bytes = await first;
  client.destroy();
  server.close();
  return bytes;
}

/** The same handshake in records of so many bytes. */
function recordsOf(bytes: Buffer, size: number): Buffer {
  const message = bytes.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

it.each([{}, { maxVersion: 'TLSv1.2' }, { ALPNProtocols: ['http/1.1'] }])(
  'finds the name of a client with %j',
  async (more) => {
    expect(helloName(await hello({ servername: 'CSMS.example', ...more }))).toEqual({ name: 'csms.example' });
    expect(helloName(await hello(more))).toEqual({ name: '' });
  },
);

it('waits for more as long as any byte is missing, in records of any size', async () => {
  const bytes = await hello({ servername: 'csms.example' });
  for (const size of [1, 3, 100, 10_000]) {
    const records = recordsOf(bytes, size);
    const early = Array.from(records.keys()).filter((cut) => helloName(records.subarray(0, cut)) !== 'more');
    expect(early).toEqual([]);
    expect(helloName(records)).toEqual({ name: 'csms.example' });
    expect(helloName(Buffer.concat([records, Buffer.from('after it')]))).toEqual({ name: 'csms.example' });
  }
});

it('tells what is no TLS at once', () => {
  for (const text of ['GET / HTTP/1.1\r\n', '\x16GET', 'x']) expect(helloName(Buffer.from(text))).toBe('no hello');
});

it('takes whatever comes, and never a name that is not in it', async () => {
  const bytes = await hello({ servername: 'csms.example' });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const changed = Buffer.from(bytes);
      for (const [at, value] of changes) changed[at] = value;
      const found = helloName(changed);
      if (typeof found === 'object') expect(changed.toString('latin1').toLowerCase()).toContain(found.name);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      helloName(Buffer.concat([Buffer.from([22, 3, 1]), noise]));
    }),
    { numRuns: 1000 },
  );
});
