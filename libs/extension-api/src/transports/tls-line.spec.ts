import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { LineHarness, readBytes, until } from '../../test-support/line-harness.js';

describe('tls line', () => {
  let dir: string;
  let harness: LineHarness;
  const file = (name: string): string => join(dir, name);
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

  /** A certificate for `name`, signed by the test's authority. */
  function certificate(id: string, name: string, dates: string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${id}.key`];
    const alt = `subjectAltName=DNS:${name}`;
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-addext',
      alt,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-out',
      `${id}.pem`,
      ...dates,
    );
  }

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'smx-tls-'));
    const ca = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=test authority',
      '-days',
      '2',
    ];
    openssl('req', '-x509', ...ca, '-keyout', 'ca.key', '-out', 'ca.pem');
    certificate('good', 'localhost', ['-days', '2']);
    certificate('other', 'elsewhere.example', ['-days', '2']);
    certificate('client', 'client', ['-days', '2']);
    // -days counts from now; a certificate that ended before now needs the older way
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'old.key',
      '-subj',
      '/CN=localhost',
      '-out',
      'old.csr',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      'old.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '-1',
      '-out',
      'old.pem',
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeEach(() => (harness = new LineHarness()));
  afterEach(() => harness.done());

  async function serve(id: string, more: object = {}): Promise<number> {
    const server = createServer({ cert: text(`${id}.pem`), key: text(`${id}.key`), ...more }, (socket) => {
      socket.on('error', () => undefined);
      socket.write('secret reading');
    });
    server.on('tlsClientError', () => undefined);
    return harness.serve(server);
  }

  async function reason(source: string): Promise<string | undefined> {
    const line = harness.open(source);
    await until('the attempt to end', () => line.state.reason !== undefined || line.counters.bytesIn > 0);
    expect(line.counters.bytesIn).toBe(0);
    return line.state.reason;
  }

  it('reads from a server whose certificate is trusted, by file and by text', async () => {
    const port = await serve('good');
    expect(await readBytes(harness.open(`tls://localhost:${port}?ca=${file('ca.pem')}`), 14)).toBe('secret reading');
    expect(await readBytes(harness.open(`tls://localhost:${port}`, { tls: { ca: text('ca.pem') } }), 14)).toBe(
      'secret reading',
    );
    expect(await readBytes(harness.open(`tls://127.0.0.1:${port}?servername=localhost&ca=${file('ca.pem')}`), 14)).toBe(
      'secret reading',
    );
  });

  it('gives each kind of bad certificate its own reason and reads nothing', async () => {
    const ca = file('ca.pem');
    expect(await reason(`tls://localhost:${await serve('good')}`)).toBe('tls-untrusted');
    expect(await reason(`tls://localhost:${await serve('other')}?ca=${ca}`)).toBe('tls-host');
    expect(await reason(`tls://localhost:${await serve('old')}?ca=${ca}`)).toBe('tls-expired');
    expect(await reason(`tls://localhost:${await serve('good')}?ca=${file('none.pem')}`)).toBe('tls');
  });

  it('tells a port that does not speak TLS', async () => {
    const net = await import('node:net');
    const port = await harness.serve(net.createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await reason(`tls://localhost:${port}?ca=${file('ca.pem')}`)).toBe('tls');
  });

  it('gives up on a port that takes the connection and never answers', async () => {
    let peers = 0;
    const net = await import('node:net');
    const port = await harness.serve(net.createServer(() => (peers += 1)));
    const line = harness.open(`tls://127.0.0.1:${port}`, { connectTimeout: 3000 });
    await until('the connection below', () => peers === 1);
    harness.clock.advance(2999);
    expect(line.state.reason).toBeUndefined();
    harness.clock.advance(1);
    expect(line.state).toMatchObject({ status: 'connecting', reason: 'timeout' });
    harness.clock.advance(1000);
    await until('another attempt', () => peers === 2);
  });

  it('shows its own certificate where one is asked for', async () => {
    const port = await serve('good', { requestCert: true, rejectUnauthorized: true, ca: text('ca.pem') });
    const source = `tls://localhost:${port}?ca=${file('ca.pem')}`;
    const without = harness.open(source);
    await until('the refusal', () => without.state.status === 'connecting' && without.state.reason !== undefined);
    expect(without.counters.bytesIn).toBe(0);
    expect(await readBytes(harness.open(`${source}&cert=${file('client.pem')}&key=${file('client.key')}`), 14)).toBe(
      'secret reading',
    );
  });

  it('is insecure only where the source says so, and never silently', async () => {
    const line = harness.open(`tls://localhost:${await serve('other')}?insecure=true`);
    expect(await readBytes(line, 14)).toBe('secret reading');
    expect(line.state.insecure).toBe(true);
    expect(harness.warnings.some((warning) => warning.includes('not checked'))).toBe(true);
  });
});
