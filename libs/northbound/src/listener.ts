import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describeError, SmxError, type Log } from '@smx-edge/model';

export interface TlsFiles {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Asked at each opening; what it throws is why the port cannot be opened. */
  readonly tls?: () => TlsFiles;
  /** Sockets that may wait for their login; past it the one that waited longest is dropped. */
  readonly waiting: number;
  readonly handshakeTimeout: number;
  readonly log: Log;
  readonly onSocket: (socket: Socket) => void;
}

const KEEPALIVE = 30_000;

/** The open TCP or TLS port of the broker and every socket that came in by it. */
export class Listener {
  private readonly sockets = new Set<Socket>();
  /** By peer, in order of arrival: a TLS socket and the one below it have the same. */
  private readonly waiting = new Map<string, Socket>();
  private server: Server | undefined;
  private closed: Promise<void> | undefined;

  constructor(private readonly o: ListenerOptions) {}

  get connections(): number {
    return this.sockets.size;
  }

  /** Resolves with the bound port. Throws SMX_BROKER_ADDRESS. */
  async open(): Promise<number> {
    const { host, port } = this.o;
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE };
    try {
      const server = (this.server = this.create(options));
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      server.on('error', (error) => this.o.log.error('local broker: accepting failed', { error: error.message }));
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    } catch (error) {
      const why = describeError(error);
      throw new SmxError('SMX_BROKER_ADDRESS', `the local broker cannot listen at ${host}:${port}: ${why}`, {
        cause: error,
      });
    }
  }

  /** Takes a socket out of those that wait for their login. */
  admit(socket: Socket): void {
    this.waiting.delete(peer(socket));
  }

  /** Accepts nothing more; sockets stay. */
  shut(): void {
    const { server } = this;
    // a server that never listened calls back with an error, which is as good
    if (server !== undefined) this.closed ??= new Promise((resolve) => server.close(() => resolve()));
  }

  /** Resolves when every socket is gone, or after `ms` by force. */
  async close(ms: number): Promise<void> {
    this.shut();
    for (const socket of this.waiting.values()) socket.destroy();
    const force = setTimeout(() => {
      for (const socket of this.sockets) socket.destroy();
    }, ms);
    await this.closed;
    clearTimeout(force);
  }

  private create(options: { noDelay: boolean; keepAlive: boolean; keepAliveInitialDelay: number }): Server {
    const { tls } = this.o;
    if (tls === undefined) {
      const server = createServer(options);
      server.on('connection', (socket: Socket) => {
        this.track(socket);
        this.o.onSocket(socket);
      });
      return server;
    }
    const server = createTlsServer({
      ...options,
      ...tls(),
      minVersion: 'TLSv1.2',
      handshakeTimeout: this.o.handshakeTimeout,
    });
    server.on('connection', (socket: Socket) => this.track(socket));
    server.on('tlsClientError', (error, socket) => {
      this.o.log.debug('local broker: TLS handshake failed', { error: error.message });
      socket.destroy();
    });
    server.on('secureConnection', (socket) => this.o.onSocket(socket));
    return server;
  }

  private track(socket: Socket): void {
    const key = peer(socket);
    this.sockets.add(socket);
    this.waiting.set(key, socket);
    // what goes wrong with a socket ends it, and 'close' follows
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (this.waiting.get(key) === socket) this.waiting.delete(key);
    });
    const [oldest] = this.waiting.values();
    if (this.waiting.size > this.o.waiting) oldest?.destroy();
  }
}

function peer(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`;
}
