import { connect } from 'node:net';
import type { Connector } from '../connector.js';
import type { Source, TcpSource } from '../source.js';
import { established, streamConnection } from '../stream-connection.js';

/** How soon the kernel probes a silent peer, ms. */
export const KEEP_ALIVE = 10_000;

export function tcpConnector(source: TcpSource & Source): Connector {
  return {
    label: source.label,
    async connect(sink, signal) {
      const socket = connect({
        host: source.host,
        port: source.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE,
      });
      return streamConnection(await established(socket, 'connect', signal), sink);
    },
  };
}
