import type { SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { relaySettingsOf, type ProxyConfig } from '../settings.js';
import { ownNames } from './names.js';
import { OwnCertificates } from './own-certificates.js';
import type { PortTls } from './port.js';

/** Certificates that the instance makes for itself, where it needs some and is given none; looked after each hour. */
export async function ownCertificates(smx: SmxContext<ProxyConfig>): Promise<OwnCertificates | undefined> {
  const { tls } = smx.config;
  const { isSecure, host } = relaySettingsOf(smx.config).listen;
  if (!isSecure || tls?.certificates !== undefined) return undefined;
  const own = await OwnCertificates.open({
    ...{ state: smx.state, owner: smx.site },
    names: tls?.names ?? ownNames(host),
    now: () => smx.now(),
  });
  smx.every('1h', async () => {
    await own.keepValid();
  });
  return own;
}

/** What the port shows; undefined where it is plain. Throws SMX_EXTENSION_CONFIG. */
export function portTls(smx: SmxContext<ProxyConfig>, own: OwnCertificates | undefined): PortTls | undefined {
  const { tls } = smx.config;
  if (!relaySettingsOf(smx.config).listen.isSecure) {
    const idle = (['certificates', 'names', 'station-ca', 'legacy', 'tunnel'] as const).filter((key) => tls?.[key] !== undefined); // prettier-ignore
    if (idle.length === 0) return undefined;
    const keys = idle.map((key) => `tls.${key}`).join(', ');
    throw new SmxError('SMX_EXTENSION_CONFIG', `${keys} mean nothing while charge points dial ws://; listen at wss://`);
  }
  return { config: tls, certificates: own?.server ?? tls?.certificates ?? [], log: smx.log };
}
