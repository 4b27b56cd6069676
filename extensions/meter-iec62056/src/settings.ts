import { familyOf, invalid, zoneOf } from '@smx-edge/extension-api/metering';
import { durationMs, type Zone } from '@smx-edge/model';
import type { ClientOptions, Identification } from '@smx-edge/protocols/iec62056-21';
import type { MeterProfile } from './profile/meter-profile.js';
import { familyBy, PROFILES } from './profile/profiles.js';

interface PollConfig {
  readonly every?: string;
  readonly addresses: readonly string[];
}

/** What may differ between the meters of one line. */
interface OwnConfig {
  readonly profile?: string;
  readonly address?: string;
  readonly password?: string;
  readonly level?: 'P1' | 'P2';
  readonly serial?: string;
  readonly profiles?: readonly string[];
  readonly channels?: readonly string[];
  readonly poll?: PollConfig;
  readonly points?: Readonly<Record<string, string>>;
}

/** Config as the operator writes it; `config.schema.json` describes it. */
export interface IecConfig extends OwnConfig {
  readonly device?: string;
  readonly source: string;
  readonly mode?: 'A' | 'B' | 'C' | 'D';
  readonly baud?: number | 'any';
  readonly 'max-baud'?: number;
  readonly 'baud-delay'?: string;
  readonly readout?: string;
  readonly 'back-fill'?: string;
  readonly period?: string;
  readonly stamp?: 'end' | 'start';
  readonly timezone?: string;
  readonly share?: { readonly for?: string; readonly pause?: string };
  readonly others?: Readonly<Record<string, OwnConfig>>;
}

/** Registers that are read more often than the whole. */
interface Poll {
  /** ms. */
  readonly every: number;
  readonly addresses: readonly string[];
}

/** One meter of the line, with every default in place. */
export interface MeterSettings {
  readonly device: string;
  readonly address: string | undefined;
  readonly password: ClientOptions['password'];
  /** Serial number that it must show, where one is given. */
  readonly serial: string | undefined;
  readonly points: Readonly<Record<string, string>>;
  /** ms between readouts; 0 for none. */
  readonly readout: number;
  readonly poll: Poll | undefined;
  /** ms. */
  readonly backFill: number;
  readonly zone: Zone;
  /** What is known of the meter: by the config, else by what it says of itself. */
  family(identification?: Identification): MeterProfile;
}

/** How the line is to be held. */
export interface LineSettings {
  readonly source: string;
  /** Whether the line has a speed that can be set. */
  readonly hasSpeed: boolean;
  readonly fixedBaud: number | undefined;
  readonly mostBaud: number | undefined;
  /** ms; undefined for that of the meter's family. */
  readonly baudDelay: number | undefined;
  readonly handshake: ClientOptions['handshake'];
}

/** A port that other readers use as well, ms. */
export interface Share {
  readonly for: number;
  readonly pause: number;
}

export interface Settings {
  readonly line: LineSettings;
  /** The meters send unasked (mode D). */
  readonly isPushed: boolean;
  readonly share: Share | undefined;
  readonly meters: readonly MeterSettings[];
}

/** What a bridge keeps to unless said otherwise: the speed at which each conversation begins. */
const BRIDGE_BAUD = 300;

/** Throws SMX_CONFIG_INVALID. */
export function settingsOf(config: IecConfig, timezone: string): Settings {
  const { others = {}, share, mode } = config;
  const { address, serial, ...shared } = config;
  const isPushed = mode === 'D';
  if (isPushed && Object.keys(others).length > 0)
    throw invalid('others', 'none in mode D: who pushes is alone on its line');
  if (isPushed && durationMs(config.readout ?? '60s') === 0)
    throw invalid('readout', 'how far apart the telegrams come: in mode D there is nothing else to read');
  const first = meterOf(config, {
    device: config.device ?? 'pcc',
    own: { ...shared, ...whoOf(address, serial) },
    timezone,
  });
  const further = Object.entries(others).map(([device, own]) =>
    meterOf(config, { device, own: { ...shared, ...own }, timezone }),
  );
  mustDiffer(first, further);
  const unnamed = [first, ...further].find(({ address }) => address === undefined);
  if (further.length > 0 && unnamed !== undefined)
    throw invalid('address', `an address for ${unnamed.device}, because there are several meters on the line`);
  return {
    line: lineOf(config),
    isPushed,
    share: share && { for: durationMs(share.for ?? '20s'), pause: durationMs(share.pause ?? '10s') },
    meters: [first, ...further],
  };
}

/** Two meters under one name would give their values to one device, and two under one address be the same meter. */
function mustDiffer(first: MeterSettings, further: readonly MeterSettings[]): void {
  const known = [first];
  for (const one of further) {
    const same = known.find(({ device, address }) => device === one.device || address === one.address);
    if (same?.device === one.device)
      throw invalid(`others.${one.device}`, `another name than ${one.device}, which is the first meter's`);
    if (same !== undefined && one.address !== undefined)
      throw invalid(`others.${one.device}.address`, `another address than "${one.address}", which is that of ${same.device}`); // prettier-ignore
    known.push(one);
  }
}

function whoOf(address: string | undefined, serial: string | undefined): OwnConfig {
  return { ...(address !== undefined && { address }), ...(serial !== undefined && { serial }) };
}

function lineOf({ source, mode, baud, ...config }: IecConfig): LineSettings {
  const hasSpeed = source.startsWith('serial:');
  if (baud === 'any' && hasSpeed) throw invalid('baud', 'a number, or none: a serial line has a speed');
  const fixedBaud = typeof baud === 'number' ? baud : hasSpeed || baud === 'any' ? undefined : BRIDGE_BAUD;
  const delay = config['baud-delay'];
  return {
    ...{ source, hasSpeed, fixedBaud, mostBaud: config['max-baud'] },
    baudDelay: delay === undefined ? undefined : durationMs(delay),
    handshake: mode === 'A' || mode === 'B' ? mode : undefined,
  };
}

function meterOf(
  config: IecConfig,
  { device, own, timezone }: { device: string; own: OwnConfig; timezone: string },
): MeterSettings {
  const { password, level = 'P1', poll } = own;
  const named = own.profile === undefined ? undefined : familyOf(PROFILES, own.profile);
  const said = saidOf(config, own);
  const isDated = (named?.form ?? 'headed') === 'dated';
  if (isDated && (own.profiles ?? []).length > 0 && (own.channels ?? []).length === 0)
    throw invalid('channels', `what stands in the columns, as "1.8.0*kWh", because ${device} does not say it`);
  return {
    device,
    address: own.address,
    password: password === undefined ? undefined : { command: level, text: password },
    serial: own.serial,
    points: own.points ?? {},
    readout: durationMs(config.readout ?? '60s'),
    poll: poll && { every: durationMs(poll.every ?? '10s'), addresses: poll.addresses },
    backFill: durationMs(config['back-fill'] ?? '92d'),
    zone: zoneOf(config.timezone ?? timezone),
    family: (identification) => ({
      ...(named ?? PROFILES[identification === undefined ? 'generic' : familyBy(identification)]!),
      ...said,
    }),
  };
}

/** What the config says, over the profile of the meter. */
function saidOf(config: IecConfig, own: OwnConfig): Partial<MeterProfile> {
  const said = {
    profiles: own.profiles,
    channels: own.channels,
    period: config.period === undefined ? undefined : durationMs(config.period),
    stamp: config.stamp,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
