import type { SmxContext } from '@smx-edge/extension-api';
import { awayOf, type IslandParts } from './away/policies.js';
import { openMirrors } from './mirrors/open-mirrors.js';
import { dialer } from './relay/dial.js';
import { logFault } from './relay/fault-log.js';
import { Listener } from './relay/listener.js';
import { Relay } from './relay/relay.js';
import { linkEnd } from './relay/wire.js';
import { running } from './running.js';
import { relaySettingsOf, type ProxyConfig } from './settings.js';
import { Site } from './site.js';
import { portFault } from './status/port-fault.js';
import { Standing } from './status/standing.js';
import { ownCertificates, portTls } from './tls/instance-tls.js';
import { backEndTls } from './tls/tls-settings.js';

/** Going away (RFC 6455 §7.4.1): this box stops, the charge point may come again. */
const GOING_AWAY = linkEnd(1001);
/** How often a port that another program has is tried. */
const AGAIN = '5s';

export async function start(smx: SmxContext<ProxyConfig>): Promise<void> {
  const settings = relaySettingsOf(smx.config);
  const standing = new Standing(settings.listen, (state, text) => smx.status(state, text));
  const dial = dialer({
    settings,
    tls: backEndTls(smx.config.tls),
    onFault: (handshake, fault) => logFault(smx.log, handshake, { ...fault, side: 'back end' }),
  });
  const away = await awayOf({ settings, dial, log: smx.log, island: islandOf(smx) });
  const site = await Site.load(smx, settings);
  const mirrors = openMirrors(smx, settings, (...order) => site.ordered(...order));
  const relay = new Relay({
    settings,
    dial: away.dial,
    away: away.policy,
    listeners: [standing, ...away.listeners, ...(mirrors ? [mirrors] : []), ...site.listeners],
    log: smx.log,
    now: smx.now,
  });
  site.circuits = relay.circuits;
  const own = await ownCertificates(smx);
  const tls = portTls(smx, own);
  running.set(smx, { certificates: own, site });
  let listener: Listener | undefined;
  let isStopped = false;
  own?.watch((server) => listener?.use(server));
  const listen = async (): Promise<void> => {
    if (listener !== undefined) return;
    try {
      listener = await Listener.open(relay, settings, tls && { ...tls, certificates: own?.server ?? tls.certificates });
      // while the port was being had
      if (isStopped) listener.close();
      standing.listening(listener.port);
    } catch (error) {
      smx.status('error', portFault(error, settings.listen));
    }
  };
  smx.onStop(async () => {
    isStopped = true;
    listener?.close();
    relay.close(GOING_AWAY);
    await mirrors?.stop();
  });
  // before the connections go: what is registered last is done first
  smx.onStop(() => site.stop());
  await listen();
  smx.every(AGAIN, listen);
}

/** What serving charge points takes, where any is to be served. */
function islandOf({ config, state, now }: SmxContext<ProxyConfig>): IslandParts | undefined {
  const kinds = [config.away, ...Object.values(config.stations ?? {}).map(({ away }) => away)];
  if (!kinds.includes('island')) return undefined;
  return { state, now, tags: config.island?.tags ?? [], acceptsUnknown: config.island?.unknown === 'accept' };
}
