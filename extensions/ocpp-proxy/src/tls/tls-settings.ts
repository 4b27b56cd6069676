import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { SmxError } from '@smx-edge/model';

/** `tls` of the config; PEM texts, which the core reads from secret files. */
export interface TlsConfig {
  readonly certificates?: readonly { readonly certificate: string; readonly key: string }[];
  readonly names?: readonly string[];
  readonly 'station-ca'?: string;
  readonly legacy?: boolean;
  readonly 'backend-ca'?: string;
  readonly 'backend-certificate'?: string;
  readonly 'backend-key'?: string;
  readonly tunnel?: Readonly<Record<string, string>>;
}

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Trust and certificate towards back ends. A back end that does not verify is never spoken to, so nothing here can switch that
 * off; with `backend-ca` only that authority is trusted.
 */
export function backEndTls(
  config: TlsConfig | undefined,
): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'minVersion'> {
  const { 'backend-ca': ca, 'backend-certificate': cert, 'backend-key': key } = config ?? {};
  if ((cert === undefined) !== (key === undefined))
    throw invalid('tls.backend-certificate and tls.backend-key belong together');
  return { minVersion: 'TLSv1.2', ...(ca && { ca }), ...(cert && key && { cert, key }) };
}

/** TLS 1.0 with its old suites is for charge points that have nothing newer (security whitepaper of OCPP 1.6 ed. 2, A00.FR.313). */
export const versionsOf = (config: TlsConfig | undefined): Pick<SecureContextOptions, 'minVersion' | 'ciphers'> =>
  config?.legacy === true ? { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : { minVersion: 'TLSv1.2' };

/** Where a connection for a server name goes as it is, by name in lower case. */
export function tunnelOf(config: TlsConfig | undefined): ReadonlyMap<string, TunnelTarget> {
  return new Map(Object.entries(config?.tunnel ?? {}).map(([name, to]) => [name.toLowerCase(), targetOf(to)]));
}

function targetOf(text: string): TunnelTarget {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) throw invalid(`${JSON.stringify(text)} is no host:port`);
  return { host: match[1] ?? match[2]!, port };
}

const invalid = (what: string): SmxError => new SmxError('SMX_EXTENSION_CONFIG', what);
