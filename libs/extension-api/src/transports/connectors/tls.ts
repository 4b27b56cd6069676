import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Connector, ConnectorOptions } from '../connector.js';
import type { Source, TlsSource } from '../source.js';
import { established, streamConnection } from '../stream-connection.js';
import { KEEP_ALIVE } from './tcp.js';
import { tlsOptions } from './tls-options.js';

export function tlsConnector(source: TlsSource & Source, options: ConnectorOptions): Connector {
  return {
    label: source.label,
    insecure: source.insecure,
    async connect(sink, signal) {
      const socket = connect({
        host: source.host,
        port: source.port,
        // an address is no server name on the wire
        ...(isIP(source.host) === 0 ? { servername: source.host } : {}),
        ...tlsOptions(source, options.tls),
      });
      const ready = await established(socket, 'secureConnect', signal);
      ready.setNoDelay(true);
      ready.setKeepAlive(true, KEEP_ALIVE);
      return streamConnection(ready, sink);
    },
  };
}
