import { SmxError } from '@smx-edge/model';
import { connectorFor } from '../transports/connectors/index.js';
import { parseSource } from '../transports/source.js';
import { BrokerLink } from './link.js';
import type { MqttLink, MqttLinkOptions } from './types.js';

/**
 * The client of a source `mqtt://user:password@host:port` or `mqtts://…`. Throws SMX_TRANSPORT_SOURCE for any other;
 * everything that can change by itself is state.
 */
export function openMqtt(text: string, options: MqttLinkOptions): MqttLink {
  const source = parseSource(text);
  if (source.kind !== 'mqtt')
    throw new SmxError(
      'SMX_TRANSPORT_SOURCE',
      `${source.label} is no source of MQTT: expected mqtt://host:port or mqtts://host:port`,
    );
  const { log, clock, tls = {} } = options;
  const { user, password, secure, ...place } = source;
  const connector = connectorFor(secure ? { ...place, kind: 'tls' } : { ...place, kind: 'tcp' }, { log, clock, tls });
  return new BrokerLink(connector, {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...options,
  });
}
