import { SmxError } from '@smx-edge/model';
import { connectorFor } from '../transports/connectors/index.js';
import { parseSource } from '../transports/source.js';
import { RequestLink } from './link.js';
import type { LinkOptions, ModbusLink } from './types.js';

/** As most makers of SunSpec devices deliver them (Fronius Modbus TCP & RTU, interface settings). */
const BAUD = 9600;
const MODE = '8N1';
const BITS_OF_CHARACTER = 11;
const SILENT_CHARACTERS = 3.5;
/** Above 19 200 baud the silence is fixed, ms (MODBUS over Serial Line V1.02 §2.5.1.1). */
const LEAST_SILENCE = 1.75;

/**
 * The Modbus link of a source: `modbus://host:port` or `modbus+rtu:/dev/…`. Throws SMX_TRANSPORT_SOURCE for any other; everything
 * that can change by itself is state.
 */
export function openModbus(text: string, options: LinkOptions): ModbusLink {
  const source = parseSource(text);
  const { log, clock, serial, tls = {} } = options;
  const parts = { log, clock, tls, ...(serial === undefined ? {} : { serial }) };
  if (source.kind === 'modbus') return new RequestLink(connectorFor({ ...source, kind: 'tcp' }, parts), 'tcp', options);
  if (source.kind === 'modbus-rtu') {
    const { baud = BAUD, mode = MODE } = source;
    const pause = Math.ceil(Math.max(LEAST_SILENCE, (1000 * SILENT_CHARACTERS * BITS_OF_CHARACTER) / baud));
    return new RequestLink(connectorFor({ ...source, kind: 'serial', baud, mode }, parts), 'rtu', {
      pause,
      ...options,
    });
  }
  throw new SmxError(
    'SMX_TRANSPORT_SOURCE',
    `${source.label} is no Modbus source: expected modbus://host:port or modbus+rtu:/dev/ttyUSB0`,
  );
}
