import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Mosquitto of its own on a free port in a temporary folder. */
export interface Mosquitto {
  readonly port: number;
  readonly folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes the folder. */
  remove(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'smx-link-'));
}

/** `settings`: lines of mosquitto.conf, which may name files of `folder`. */
export async function startMosquitto(
  settings: (folder: string) => string = () => 'allow_anonymous true',
  folder = temporaryFolder(),
): Promise<Mosquitto> {
  const port = await freePort();
  const conf = join(folder, 'mosquitto.conf');
  const text = `listener ${port} 127.0.0.1\npersistence false\nset_tcp_nodelay true\n${settings(folder)}\n`;
  // it drops root for a user that may not read the folder otherwise
  writeFileSync(conf, `user root\n${text}`);
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn('/usr/sbin/mosquitto', ['-c', conf], { stdio: 'ignore' });
    child.on('error', () => undefined);
    await listening(port);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    folder,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (up) return;
    if (Date.now() > end) throw new TypeError(`no broker at port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const openssl = (args: readonly string[], folder: string): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
};

/** Makes a CA `{name}.pem` with its key `{name}.key`. */
export function makeCa(folder: string, name: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ['req', '-x509', ...key, '-days', '3', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    folder,
  );
}

/** Makes `{name}.pem` and `{name}.key`, signed by `ca`; `days` below zero gives one that is over. */
export function makeCertificate(
  folder: string,
  o: { readonly name: string; readonly ca: string; readonly san?: string; readonly over?: boolean },
): void {
  const { name, ca, san, over } = o;
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(['req', '-new', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`], folder);
  writeFileSync(
    join(folder, `${name}.ext`),
    san === undefined ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${san}\n`,
  );
  writeFileSync(join(folder, `${name}.index`), '');
  writeFileSync(
    join(folder, `${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
  );
  const time = over === true ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : ['-days', '3'];
  openssl(
    [
      ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`],
      ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`, ...time],
    ],
    folder,
  );
}
