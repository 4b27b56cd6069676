import { connectorFor } from './connectors/index.js';
import { ReconnectingLine } from './line.js';
import { parseSource } from './source.js';
import type { Line, LineOptions } from './types.js';

/**
 * Opens a source of contracts 2 and keeps it open until closed. Throws SMX_TRANSPORT_SOURCE for a source that cannot
 * be meant, SMX_NOT_AVAILABLE for mqtt and modbus, SMX_EXTENSION_PERMISSION for a serial line without a door;
 * everything that can change by itself is state.
 */
export function openLine(source: string, options: LineOptions): Line {
  const { log, clock, serial, tls = {}, remote = false } = options;
  const connector = connectorFor(parseSource(source), { log, clock, tls, remote, ...(serial === undefined ? {} : { serial }) }); // prettier-ignore
  return new ReconnectingLine(connector, options);
}
