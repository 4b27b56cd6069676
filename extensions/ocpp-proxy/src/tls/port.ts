import { createServer as createHttp, type Server as HttpServer, type ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Server } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Log } from '@smx-edge/model';
import type { Issued } from './issued.js';
import { sniTunnel } from './sni-tunnel.js';
import { stationTlsFault } from './station-tls-fault.js';
import { tunnelOf, versionsOf, type TlsConfig } from './tls-settings.js';

export interface PortTls {
  readonly config: TlsConfig | undefined;
  readonly certificates: readonly Issued[];
  readonly log: Log;
}

export interface Port {
  /** Gets the requests. */
  readonly http: HttpServer;
  /** Is told to listen. */
  readonly listening: Server;
  /** Connections from now on see these. */
  use(certificates: readonly Issued[]): void;
  /** Also of those that are open. */
  close(): void;
}

/** ms that a peer has for TLS; charge points of little means take some seconds. */
const HANDSHAKE_WITHIN = 15_000;

/**
 * The server at which charge points dial in. With TLS it has a certificate for each kind of key, so that charge points with
 * RSA suites only are served as well, and asks for one of theirs where `station-ca` says who signs them.
 */
export function portOf(options: ServerOptions, tls?: PortTls): Port {
  if (tls === undefined) {
    const http = createHttp(options);
    return { http, listening: http, use: () => {}, close: () => closeHttp(http) };
  }
  const { config, log } = tls;
  const ca = config?.['station-ca'];
  const contextOf = (certificates: readonly Issued[]): SecureContextOptions => ({
    ...versionsOf(config),
    cert: certificates.map(({ certificate }) => certificate),
    key: certificates.map(({ key }) => key),
    ...(ca !== undefined && { ca }),
  });
  const asks = ca !== undefined && { requestCert: true, rejectUnauthorized: true };
  const http = createHttps({ ...options, handshakeTimeout: HANDSHAKE_WITHIN, ...contextOf(tls.certificates), ...asks });
  const use = (certificates: readonly Issued[]): void => http.setSecureContext(contextOf(certificates));
  http.on('tlsClientError', (error, socket) =>
    log.info('a charge point could not open TLS', { address: socket.remoteAddress, error: stationTlsFault(error) }),
  );
  const targets = tunnelOf(config);
  if (targets.size === 0) return { http, listening: http, use, close: () => closeHttp(http) };
  const { server: listening, close } = sniTunnel({ targets, others: (socket) => http.emit('connection', socket), log });
  return { http, listening, use, close };
}

function closeHttp(http: HttpServer): void {
  http.close();
  http.closeAllConnections();
}
