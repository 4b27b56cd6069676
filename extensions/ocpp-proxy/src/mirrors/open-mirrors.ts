import type { SmxContext } from '@smx-edge/extension-api';
import { dialer } from '../relay/dial.js';
import { logFault } from '../relay/fault-log.js';
import type { ProxyConfig, RelaySettings, StationSettings } from '../settings.js';
import { backEndTls } from '../tls/tls-settings.js';
import type { Ordered } from './mirror-calls.js';
import { mirrorSettingsOf, type MirrorSettings } from './mirror-settings.js';
import { Mirrors } from './mirrors.js';

/** Mirrors as the config names them; undefined where it names none. Throws SMX_EXTENSION_CONFIG. */
export function openMirrors(
  smx: SmxContext<ProxyConfig>,
  settings: RelaySettings,
  ordered: Ordered,
): Mirrors | undefined {
  const mirrors = mirrorSettingsOf(smx.config.mirrors);
  if (mirrors.length === 0) return undefined;
  const tls = backEndTls(smx.config.tls);
  return new Mirrors({
    mirrors,
    dialOf: (mirror) =>
      dialer({
        settings: { ...settings, pings: 'hop', stationOf: (identity) => stationOf(mirror, identity, settings) },
        tls,
        onFault: (handshake, fault) => logFault(smx.log, handshake, { ...fault, side: 'mirror' }),
      }),
    state: smx.state,
    log: smx.log,
    ordered,
  });
}

function stationOf(mirror: MirrorSettings, identity: string, settings: RelaySettings): StationSettings | undefined {
  const station = settings.stationOf(identity);
  return (
    station && { ...station, backend: mirror.url, append: mirror.append, backEndId: undefined, subprotocol: undefined }
  );
}
