import { familyOf, invalid, zoneOf } from '@smx-edge/extension-api/metering';
import { durationMs, type Zone } from '@smx-edge/model';
import type { CipherKeys, Protection, SecuritySuite } from '@smx-edge/protocols/cosem';
import { newTitle } from './line/own-title.js';
import type { Authentication, MeterProfile, Referencing, Transport } from './profile/meter-profile.js';
import { PROFILES } from './profile/profiles.js';
import { pushSettings, type PushConfig, type PushSettings } from './push/push-settings.js';

/** What may differ between the meters of one line. */
interface OwnConfig {
  readonly profile?: string;
  readonly client?: number;
  readonly server?: number;
  readonly physical?: number;
  readonly auth?: Authentication;
  readonly password?: string;
  readonly profiles?: readonly string[];
  readonly 'event-logs'?: readonly string[];
  readonly points?: Readonly<Record<string, string>>;
  readonly push?: PushConfig;
}

/** Config as the operator writes it; `config.schema.json` describes it. */
export interface DlmsConfig extends OwnConfig {
  readonly device?: string;
  /** Absent where the meter only pushes. */
  readonly source?: string;
  readonly transport?: Transport;
  readonly referencing?: Referencing;
  readonly 'address-bytes'?: 1 | 2 | 4;
  readonly address?: string;
  readonly 'baud-delay'?: string;
  readonly 'lenient-sequence'?: boolean;
  readonly security?: {
    readonly suite?: SecuritySuite;
    readonly policy?: number;
    readonly title?: string;
    readonly counter?: number;
    readonly 'encryption-key': string;
    readonly 'authentication-key': string;
  };
  readonly instantaneous?: string;
  readonly registers?: string;
  readonly 'back-fill'?: string;
  readonly stamp?: 'end' | 'start';
  readonly ratios?: {
    readonly current?: number;
    readonly voltage?: number;
    readonly values?: 'primary' | 'secondary';
  };
  readonly timezone?: string;
  readonly others?: Readonly<Record<string, OwnConfig>>;
}

interface Security {
  readonly keys: CipherKeys;
  readonly protection: Protection;
  /** Lowest invocation counter to use. */
  readonly counter: number;
}

/** Transformers before the meter. */
export interface Ratios {
  readonly current: number;
  readonly voltage: number;
  /** The meter counts behind them, so that its values are multiplied. */
  readonly isSecondary: boolean;
}

/** One meter of the line, with every default in place. */
export interface MeterSettings {
  readonly device: string;
  readonly profile: MeterProfile;
  /** Asked in datagrams. */
  readonly datagrams: boolean;
  readonly secret: Uint8Array | undefined;
  readonly security: Security | undefined;
  /** System title of this reader, 8 bytes. */
  readonly title: Uint8Array;
  readonly ratios: Ratios;
  readonly zone: Zone;
  /** ms. */
  readonly instantaneous: number;
  readonly registers: number;
  readonly backFill: number;
  readonly push?: PushSettings;
}

export interface Settings {
  /** Undefined where the meter only pushes. */
  readonly source: string | undefined;
  readonly transport: Transport;
  /** Of the sign-on: address, and ms before the change of speed. */
  readonly signOn: { readonly address?: string; readonly baudDelay: number };
  readonly meters: readonly MeterSettings[];
}

/** `title`: of this reader, where the config says none. Throws SMX_CONFIG_INVALID. */
export function settingsOf(config: DlmsConfig, timezone: string, title = newTitle()): Settings {
  const { push, ...shared } = config;
  if (config.source === undefined && push === undefined)
    throw invalid('source', 'where the meter is, or push.listen for one that only pushes');
  const first = meterOf(config, { device: config.device ?? 'pcc', own: config, timezone, title });
  const others = Object.entries(config.others ?? {}).map(([device, own]) =>
    meterOf(config, { device, own: { ...shared, ...own }, timezone, title }),
  );
  return {
    source: config.source,
    transport: first.profile.transport,
    signOn: {
      ...(config.address !== undefined && { address: config.address }),
      baudDelay: durationMs(config['baud-delay'] ?? '300ms'),
    },
    meters: [first, ...others],
  };
}

function meterOf(
  config: DlmsConfig,
  { device, own, timezone, title }: { device: string; own: OwnConfig; timezone: string; title: Uint8Array },
): MeterSettings {
  const profile = { ...familyOf(PROFILES, own.profile ?? 'generic'), ...saidOf(config, own) };
  const needsSecret = profile.auth !== 'none' && profile.auth !== 'gmac';
  if (needsSecret && own.password === undefined)
    throw invalid('password', `a password, because ${device} is read with auth "${profile.auth}"`);
  if (profile.auth === 'gmac' && config.security === undefined)
    throw invalid('security', `keys, because ${device} is read with auth "gmac"`);
  const datagrams = isUdp(config.source);
  if (datagrams && (profile.transport !== 'wrapper' || profile.referencing !== 'ln'))
    throw invalid('source', `tcp:// or serial: for ${device}; UDP is for transport "wrapper" and referencing "ln"`);
  const { current = 1, voltage = 1, values = 'primary' } = config.ratios ?? {};
  return {
    ...{ device, profile, datagrams },
    secret: own.password === undefined ? undefined : bytesOf(own.password),
    security: config.security && securityOf(config.security),
    title: config.security?.title === undefined ? title : Buffer.from(config.security.title, 'hex'),
    ratios: { current, voltage, isSecondary: values === 'secondary' },
    zone: zoneOf(config.timezone ?? timezone),
    instantaneous: durationMs(config.instantaneous ?? '1s'),
    registers: durationMs(config.registers ?? '1m'),
    backFill: durationMs(config['back-fill'] ?? '92d'),
    ...(own.push !== undefined && { push: pushSettings(own.push) }),
  };
}

/** Whether a source is of datagrams. */
export const isUdp = (source: string | undefined): boolean => source?.startsWith('udp:') === true;

/** What the config says, over the profile of the meter. */
function saidOf(config: DlmsConfig, own: OwnConfig): Partial<MeterProfile> {
  const said = {
    transport: config.transport,
    referencing: config.referencing,
    client: own.client,
    server: own.server,
    physical: own.physical,
    addressBytes: config['address-bytes'],
    auth: own.auth,
    lenientSequence: config['lenient-sequence'],
    profiles: own.profiles,
    eventLogs: own['event-logs'],
    points: own.points,
    stamp: config.stamp,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function securityOf(given: NonNullable<DlmsConfig['security']>): Security {
  const { suite = 0, policy = 3, counter = 1 } = given;
  const key = (name: 'encryption-key' | 'authentication-key'): Uint8Array => {
    const bytes = Buffer.from(given[name], 'hex');
    const length = suite === 2 ? 32 : 16;
    if (bytes.length === length) return bytes;
    throw invalid(`security.${name}`, `${2 * length} hexadecimal digits for suite ${suite}`);
  };
  return {
    keys: { suite, block: key('encryption-key'), authentication: key('authentication-key') },
    protection: { authenticated: (policy & 1) !== 0, encrypted: (policy & 2) !== 0 },
    counter,
  };
}

function bytesOf(text: string): Uint8Array {
  const hex = /^hex:((?:[0-9A-Fa-f]{2})+)$/.exec(text)?.[1];
  return hex === undefined ? Buffer.from(text, 'latin1') : Buffer.from(hex, 'hex');
}
