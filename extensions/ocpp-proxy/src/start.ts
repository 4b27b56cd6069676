import type { SmxContext } from '@smx-edge/extension-api';
import { Mirror } from './away/mirror.js';
import type { CircuitListener } from './relay/circuit.js';
import { dialer } from './relay/dial.js';
import { logFault } from './relay/fault-log.js';
import { Listener } from './relay/listener.js';
import { Relay } from './relay/relay.js';
import { linkEnd } from './relay/wire.js';
import { relaySettingsOf, type ProxyConfig } from './settings.js';

/** Going away (RFC 6455 §7.4.1): this box stops, the charge point may come again. */
const GOING_AWAY = linkEnd(1001);

export async function start(smx: SmxContext<ProxyConfig>): Promise<void> {
  const settings = relaySettingsOf(smx.config);
  const dial = dialer({
    settings,
    tls: {},
    onFault: (handshake, fault) => logFault(smx.log, handshake, { ...fault, side: 'back end' }),
  });
  const listeners: CircuitListener[] = smx.config.observe ? observersOf() : [];
  const relay = new Relay({ settings, dial, away: new Mirror(), listeners, log: smx.log, now: smx.now });
  const listener = await Listener.open(relay, settings);
  smx.onStop(() => {
    listener.close();
    relay.close(GOING_AWAY);
  });
  const { host, path } = settings.listen;
  smx.status('ok', `charge points dial ws://${host}:${listener.port}${path}/ID`);
}

/** What looks into what passes. */
function observersOf(): CircuitListener[] {
  return [];
}
