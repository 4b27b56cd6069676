import { durationMs, SmxError } from '@smx-edge/model';
import type { LimitConfig, StationLimitConfig } from './limits/limit-settings.js';
import type { MirrorConfig } from './mirrors/mirror-settings.js';
import type { GivenNames } from './observe/outlet-names.js';
import type { IdStyle } from './relay/injector.js';
import type { TlsConfig } from './tls/tls-settings.js';

/** What becomes of charge points while their back end is away. */
export type AwayKind = 'mirror' | 'hold' | 'island';

/** What may differ from one charge point to the next. */
interface StationConfig extends StationLimitConfig, GivenNames {
  readonly backend?: string;
  readonly 'back-end-id'?: string;
  readonly append?: boolean;
  readonly subprotocol?: string;
  readonly 'close-style'?: 'mirror' | 'abort';
  readonly pong?: boolean;
  readonly away?: AwayKind;
  readonly grace?: string;
  readonly 'min-response-delay'?: Readonly<Record<string, string>>;
  readonly 'id-style'?: IdStyle;
}

/** Config as the operator writes it, with the defaults of `config.schema.json`. */
export interface ProxyConfig extends LimitConfig {
  readonly listen: string;
  readonly backend: string;
  readonly stations?: Readonly<Record<string, StationConfig>>;
  readonly 'most-stations': number;
  readonly 'upgrades-per-minute': number;
  readonly observe: boolean;
  readonly compression: boolean;
  readonly pings: 'hop' | 'e2e';
  readonly 'ping-station': string;
  readonly 'ping-backend': string;
  readonly away: AwayKind;
  readonly grace: string;
  readonly island?: { readonly tags?: readonly string[]; readonly unknown?: 'accept' | 'deny' };
  readonly mirrors?: readonly MirrorConfig[];
  readonly tls?: TlsConfig;
}

export interface StationSettings {
  /** ws:// or wss:// base of its back end. */
  readonly backend: string;
  /** In place of its own identity towards the back end. */
  readonly backEndId: string | undefined;
  /** False: `backend` is the whole address. */
  readonly append: boolean;
  /** Offered to the back end where the charge point offers none. */
  readonly subprotocol: string | undefined;
  /** Whether this box ends connections without a close frame. */
  readonly aborts: boolean;
  /** Whether a charge point that answered pings once has to go on. */
  readonly needsPong: boolean;
  readonly away: AwayKind;
  /** ms that it is kept with `hold`. */
  readonly grace: number;
  /** ms that an answer of the back end comes after the CALL at the earliest, by action. */
  readonly responseDelays: ReadonlyMap<string, number>;
  /** What ids of injected CALLs look like. */
  readonly idStyle: IdStyle;
}

interface ListenSettings {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Raw path without a slash at its end. */
  readonly path: string;
}

export interface RelaySettings {
  readonly listen: ListenSettings;
  /** Undefined where the charge point is not admitted. */
  readonly stationOf: (identity: string) => StationSettings | undefined;
  readonly mostStations: number;
  readonly upgradesPerMinute: number;
  readonly compression: boolean;
  readonly pings: 'hop' | 'e2e';
  /** ms; 0 = never. */
  readonly pingStation: number;
  readonly pingBackEnd: number;
  /** Whether a charge point shows a certificate, which has to be of its identity. */
  readonly asksCertificates: boolean;
}

export function relaySettingsOf(config: ProxyConfig): RelaySettings {
  const stations = new Map(
    Object.entries(config.stations ?? {}).map(([id, station]) => [id, stationOf(config, station)]),
  );
  const anyone = config.stations === undefined ? stationOf(config, {}) : undefined;
  const listen = listenOf(config.listen);
  for (const { backend } of [...stations.values(), ...(anyone ? [anyone] : [])])
    if (isSame(listen, listenOf(backend)))
      throw new SmxError('SMX_EXTENSION_CONFIG', `backend ${backend} is this instance itself, where charge points dial; give the address of the back end`); // prettier-ignore
  return {
    listen,
    stationOf: (identity) => stations.get(identity) ?? anyone,
    mostStations: config['most-stations'],
    upgradesPerMinute: config['upgrades-per-minute'],
    compression: config.compression,
    pings: config.pings,
    pingStation: durationMs(config['ping-station']),
    pingBackEnd: durationMs(config['ping-backend']),
    asksCertificates: config.tls?.['station-ca'] !== undefined,
  };
}

function stationOf(config: ProxyConfig, station: StationConfig): StationSettings {
  const delays = Object.entries(station['min-response-delay'] ?? {});
  return {
    backend: addressOf(station.backend ?? config.backend).href,
    backEndId: station['back-end-id'],
    append: station.append ?? true,
    subprotocol: station.subprotocol,
    aborts: station['close-style'] === 'abort',
    needsPong: station.pong ?? true,
    away: station.away ?? config.away,
    grace: durationMs(station.grace ?? config.grace),
    idStyle: station['id-style'] ?? 'smx',
    responseDelays: new Map(delays.map(([action, delay]) => [action, durationMs(delay)])),
  };
}

function listenOf(listen: string): ListenSettings {
  const { protocol, hostname, port, pathname } = addressOf(listen);
  const isSecure = protocol === 'wss:';
  return {
    isSecure,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    path: pathname.replace(/\/+$/, ''),
  };
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const ANY = ['0.0.0.0', '::'];

/** Whether who dials one gets to the other, as far as their addresses tell. */
function isSame(listen: ListenSettings, dialled: ListenSettings): boolean {
  const isHost = listen.host === dialled.host || (ANY.includes(listen.host) && LOOPBACK.includes(dialled.host));
  return isHost && listen.port !== 0 && listen.port === dialled.port;
}

function addressOf(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    const what = `${JSON.stringify(text)} is no address; give ws://host:port/path or wss://host:port/path`;
    throw new SmxError('SMX_EXTENSION_CONFIG', what, { cause });
  }
}
