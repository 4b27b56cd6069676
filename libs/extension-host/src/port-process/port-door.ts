import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { SmxError } from '@smx-edge/model';
import { PortFrame, portFrame, type PortGrant, type SerialSettings } from '@smx-edge/extension-api/transports';
import { PortSession } from './port-session.js';
import { portError, SerialDevice } from './serial-device.js';

/** How long a granted port waits for its instance, ms. */
const GRANT = 10_000;
/** How long a connection may take to show its nonce, ms. */
const HELLO = 2000;
const NONCE = 32;
/** Type and length of a frame: looked at before the rest is there. */
const HEAD = 5;

/** Opens ports and hands each to the one connection that shows its nonce. */
export class PortDoor {
  /** By real path, so that a by-id link and its ttyUSB are one port. */
  private readonly held = new Map<string, () => void>();

  constructor(private readonly runDir: string) {}

  /** Rejects with SMX_TRANSPORT_ABSENT, _BUSY, _PERMISSION or _CONNECT. */
  async open(path: string, settings: SerialSettings): Promise<PortGrant> {
    const real = this.realPath(path);
    if (this.held.has(real))
      throw new SmxError('SMX_TRANSPORT_BUSY', `${path} is in use by another instance of this box`);
    this.held.set(real, () => undefined);
    let device: SerialDevice | undefined;
    try {
      device = await SerialDevice.open(real, settings);
      return await this.offer(real, device);
    } catch (error) {
      this.held.delete(real);
      await device?.close();
      throw error;
    }
  }

  close(): void {
    for (const end of [...this.held.values()]) end();
  }

  private realPath(path: string): string {
    try {
      return realpathSync(path);
    } catch (error) {
      throw portError(error, path);
    }
  }

  private async offer(real: string, device: SerialDevice): Promise<PortGrant> {
    const socketPath = join(this.runDir, `p-${randomBytes(4).toString('hex')}.sock`);
    const nonce = randomBytes(NONCE).toString('hex');
    const server = createServer();
    let session: PortSession | undefined;
    const shut = (): void => {
      clearTimeout(timer);
      server.close();
      rmSync(socketPath, { force: true });
    };
    const release = (): void => {
      shut();
      device.close().then(
        () => this.held.delete(real),
        (error: unknown) => {
          this.held.delete(real);
          report(`${real} could not be closed`, error);
        },
      );
    };
    const timer = setTimeout(release, GRANT);
    server.on('error', (error) => report(`the socket of ${real} failed`, error));
    server.on('connection', (socket) => {
      greet(socket, nonce, (rest) => {
        if (session !== undefined) return false;
        // admitted: nobody else gets in
        shut();
        session = new PortSession(socket, device, release);
        this.held.set(real, () => session?.gone(new SmxError('SMX_TRANSPORT_CLOSED', 'the port process ends')));
        if (rest.length > 0) session.push(rest);
        socket.on('data', (chunk) => session?.push(chunk));
        return true;
      });
    });
    this.held.set(real, release);
    try {
      await listening(server, socketPath);
      chmodSync(socketPath, 0o600);
    } catch (error) {
      shut();
      throw error;
    }
    return { socketPath, nonce };
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function report(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Reads the first frame of a connection; anything but the right nonce, in time, closes it. */
function greet(socket: Socket, nonce: string, admit: (rest: Uint8Array) => boolean): void {
  const expected = portFrame(PortFrame.hello, Buffer.from(nonce));
  const timer = setTimeout(() => socket.destroy(), HELLO);
  let seen = Buffer.alloc(0);
  const first = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const head = Math.min(seen.length, HEAD);
    if (!seen.subarray(0, head).equals(expected.subarray(0, head))) socket.destroy();
    if (seen.length < expected.length || socket.destroyed) return;
    clearTimeout(timer);
    socket.removeListener('data', first);
    const right = timingSafeEqual(seen.subarray(0, expected.length), expected);
    if (!right || !admit(seen.subarray(expected.length))) socket.destroy();
  };
  socket.on('error', (error) => report('a connection failed', error));
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', first);
}
