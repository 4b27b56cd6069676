import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '@smx-edge/model';
import { listen, type Address } from '../line/index.js';

/** Bytes a client may lag behind before it is dropped: a serial line does not wait either. */
const LAG = 262_144;

/** Sends the same bytes to any number of TCP clients, as a serial device server does; what they send is thrown away. */
export class LineServer {
  private readonly server: Server;
  private readonly clients = new Set<Socket>();

  constructor(private readonly log: Log) {
    this.server = createServer((socket) => this.accept(socket));
    this.server.on('error', (error) => this.log.error('line server', { error: error.message }));
  }

  get size(): number {
    return this.clients.size;
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /** Rejects SMX_SIMULATOR_ADDRESS. */
  listen(address: Address): Promise<Address> {
    return listen(this.server, address);
  }

  send(bytes: Uint8Array): void {
    for (const client of this.clients) {
      if (client.writableLength > LAG) {
        this.log.warn('client does not read; dropped', { peer: client.remoteAddress ?? '' });
        this.clients.delete(client);
        client.destroy();
      } else client.write(bytes);
    }
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    socket.on('error', (error) => this.log.debug('client', { error: error.message }));
    socket.on('close', () => this.clients.delete(socket));
    socket.setNoDelay(true);
    socket.resume();
    this.clients.add(socket);
  }
}
