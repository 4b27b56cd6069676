/* eslint-disable @typescript-eslint/no-require-imports -- a child that opens one kind of line must not load the others */
import { SmxError } from '@smx-edge/model';
import type { Connector, ConnectorOptions } from '../connector.js';
import type { Source } from '../source.js';

/** The connector of a source; loads what its kind needs and nothing else. Throws SMX_NOT_AVAILABLE. */
export function connectorFor(source: Source, options: ConnectorOptions): Connector {
  switch (source.kind) {
    case 'serial':
      return (require('./serial.js') as typeof import('./serial.js')).serialConnector(source, options);
    case 'tcp':
      return (require('./tcp.js') as typeof import('./tcp.js')).tcpConnector(source);
    case 'tcp-listen':
      return (require('./tcp-listen.js') as typeof import('./tcp-listen.js')).tcpListenConnector(source, options);
    case 'tls':
      return (require('./tls.js') as typeof import('./tls.js')).tlsConnector(source, options);
    case 'udp':
      return (require('./udp.js') as typeof import('./udp.js')).udpConnector(source, options);
    case 'ws':
      return (require('./ws.js') as typeof import('./ws.js')).wsConnector(source, options);
    case 'http':
      return (require('./http.js') as typeof import('./http.js')).httpConnector(source, options);
    case 'file':
      return (require('./file.js') as typeof import('./file.js')).fileConnector(source, options);
    case 'mqtt':
    case 'modbus':
    case 'modbus-rtu':
      throw new SmxError(
        'SMX_NOT_AVAILABLE',
        `${source.label} is no byte line: the extensions that speak ${source.kind} open it themselves`,
      );
  }
}
