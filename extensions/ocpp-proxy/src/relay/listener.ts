import type { AddressInfo } from 'node:net';
import type { RelaySettings } from '../settings.js';
import type { Issued } from '../tls/issued.js';
import { portOf, type Port, type PortTls } from '../tls/port.js';
import type { Relay } from './relay.js';
import { SilentPeers } from './silent-peers.js';

/** ms that a charge point has for its request. */
const REQUEST_WITHIN = 10_000;
/** Connections besides those of charge points and of their older ones. */
const SPARE = 64;
/** Of one address, that have not asked yet; all charge points may come from one at one time, through a router. */
const LEAST_SILENT = 16;
const TIMES = { headersTimeout: REQUEST_WITHIN, requestTimeout: REQUEST_WITHIN, connectionsCheckingInterval: 2_000 };

/** The port at which charge points dial in. */
export class Listener {
  private constructor(private readonly server: Port) {}

  /** Rejects where the port cannot be had. Without `tls` it is plain. */
  static async open(
    relay: Pick<Relay, 'upgrade'>,
    { listen, mostStations }: RelaySettings,
    tls?: PortTls,
  ): Promise<Listener> {
    const server = portOf(TIMES, tls);
    server.http.on('request', (_request, response) => response.writeHead(426, { upgrade: 'websocket' }).end());
    const silent = new SilentPeers(Math.max(LEAST_SILENT, mostStations));
    server.http.on('connection', silent.came);
    server.http.on('upgrade', (request, socket, head) => {
      silent.asked(request.socket);
      relay.upgrade(request, socket, head);
    });
    const { listening } = server;
    // also those that have not said yet what they want
    listening.maxConnections = 2 * mostStations + SPARE;
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject);
      listening.listen(listen.port, listen.host, () => {
        listening.off('error', reject);
        resolve();
      });
    });
    // a process that has no file descriptor left accepts later
    listening.on('error', () => {});
    return new Listener(server);
  }

  get port(): number {
    return (this.server.listening.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Connections from now on see these. */
  use(certificates: readonly Issued[]): void {
    this.server.use(certificates);
  }

  close(): void {
    this.server.close();
  }
}
