import { createServer, type Server, type Socket } from 'node:net';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import { faultOf, LineFault } from '../fault.js';
import type { Door, Guests } from '../peer-listener.js';
import type { Source, TcpSource } from '../source.js';
import { streamConnection } from '../stream-connection.js';
import type { ListenAddress } from '../types.js';
import { KEEP_ALIVE } from './tcp.js';

/** Opens the port of a listening source. The server has its error listener when this resolves. */
function listen(source: TcpSource & Source, signal: AbortSignal): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE });
    server.on('error', reject);
    const abort = (): void =>
      void server.close(() => reject(new LineFault('closed', `${source.label}: the attempt was given up`)));
    signal.addEventListener('abort', abort, { once: true });
    server.listen({ host: source.host, port: source.port }, () => {
      signal.removeEventListener('abort', abort);
      resolve(server);
    });
  });
}

function addressOf(server: Server): ListenAddress | undefined {
  const address = server.address();
  return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port };
}

/** Lets one peer in at a time; a newer one takes the place of the older. */
class OnePeer implements Connector {
  readonly label: string;
  readonly passive = true;
  private server: Server | undefined;
  private next: Socket | undefined;
  private current: { socket: Socket; sink: Sink } | undefined;
  private waiting: ((socket: Socket) => void) | undefined;
  private disposed = false;

  constructor(
    private readonly source: TcpSource & Source,
    private readonly options: ConnectorOptions,
  ) {
    this.label = source.label;
  }

  async connect(sink: Sink, signal: AbortSignal): Promise<Connection> {
    this.current = undefined;
    if (this.server === undefined) await this.listen(signal);
    const socket = await this.peer();
    this.current = { socket, sink };
    return streamConnection(socket, sink);
  }

  dispose(): void {
    this.disposed = true;
    this.server?.close();
    this.next?.destroy();
  }

  private async listen(signal: AbortSignal): Promise<void> {
    const server = await listen(this.source, signal);
    if (this.disposed) {
      server.close();
      throw new LineFault('closed', `${this.label} was closed`);
    }
    this.server = server;
    const address = addressOf(server);
    this.options.log.info('line listens', { source: this.label, host: address?.host, port: address?.port });
    server.on('error', (error) => this.options.log.warn(faultOf(error, this.label).message, { source: this.label }));
    server.on('connection', (socket) => this.arrived(socket));
  }

  private arrived(socket: Socket): void {
    // what happens to it before it is taken is seen again when it is read
    socket.on('error', (error) => this.options.log.debug('peer failed', { source: this.label, error: error.message }));
    if (this.waiting !== undefined) {
      const take = this.waiting;
      this.waiting = undefined;
      take(socket);
      return;
    }
    this.next?.destroy();
    this.next = socket;
    this.current?.sink.end(new LineFault('replaced', `${this.label}: a newer peer took the place of the last`));
  }

  private peer(): Promise<Socket> {
    const socket = this.next;
    this.next = undefined;
    if (socket !== undefined && !socket.destroyed) return Promise.resolve(socket);
    return new Promise((resolve) => (this.waiting = resolve));
  }
}

export function tcpListenConnector(source: TcpSource & Source, options: ConnectorOptions): Connector {
  return new OnePeer(source, options);
}

/** Opens the port of a listener: each connection is a guest. Rejects with any error. */
export async function openTcpDoor(source: TcpSource & Source, guests: Guests, signal: AbortSignal): Promise<Door> {
  const server = await listen(source, signal);
  server.on('error', (error) => guests.failed(error));
  server.on('connection', (socket) => {
    const label = `${source.label} from ${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    // what happens to it before it is taken is seen again when it is read
    socket.on('error', (error) => guests.failed(error, label));
    guests.arrived({ label, connector: peerConnector(socket, label), turnAway: () => void socket.destroy() });
  });
  return {
    get address() {
      return addressOf(server);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A line over a peer that is already there: it ends with the peer. */
function peerConnector(socket: Socket, label: string): Connector {
  return {
    label,
    once: true,
    connect: (sink) => Promise.resolve(streamConnection(socket, sink)),
    dispose: () => void socket.destroy(),
  };
}
