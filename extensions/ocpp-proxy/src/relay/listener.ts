import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RelaySettings } from '../settings.js';
import type { Relay } from './relay.js';

/** ms that a charge point has for its request. */
const REQUEST_WITHIN = 10_000;

/** The port at which charge points dial in. */
export class Listener {
  private constructor(private readonly server: Server) {}

  /** Rejects where the port cannot be had. */
  static async open(relay: Pick<Relay, 'upgrade'>, { listen }: RelaySettings): Promise<Listener> {
    const server = createServer({ headersTimeout: REQUEST_WITHIN, requestTimeout: REQUEST_WITHIN, connectionsCheckingInterval: 2_000 }); // prettier-ignore
    server.on('request', (_request, response) => response.writeHead(426, { upgrade: 'websocket' }).end());
    server.on('upgrade', relay.upgrade);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen.port, listen.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // a process that has no file descriptor left accepts later
    server.on('error', () => {});
    return new Listener(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? 0;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
