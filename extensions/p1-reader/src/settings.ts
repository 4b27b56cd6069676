import { durationMs, SmxError, Zone } from '@smx-edge/model';
import type { PeakOptions } from './peak/index.js';

/** Config as the operator writes it; `config.schema.json` describes it. */
export interface P1Config {
  readonly device?: string;
  readonly source: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly aad?: string;
  readonly crc?: 'require' | 'accept-absent';
  readonly longest?: number;
  readonly timezone?: string;
  readonly fuse?: number;
  readonly peak?: {
    readonly enabled?: boolean;
    readonly floor?: number;
    readonly limit?: number;
    readonly smooth?: string;
    readonly after?: string;
    readonly average?: number;
  };
}

/** The config with every default in place. */
export interface Settings {
  readonly device: string;
  readonly source: string;
  readonly names: Readonly<Record<string, string>>;
  readonly key: string | undefined;
  readonly aad: string | undefined;
  readonly acceptAbsent: boolean;
  /** Longest telegram, bytes; undefined = as the decoder has it. */
  readonly longest: number | undefined;
  readonly zone: Zone;
  /** Most the connection carries, W. */
  readonly power: number;
  /** Undefined = only what the meter prints. */
  readonly peak: (PeakOptions & { readonly after: number }) | undefined;
}

/** Volts of a phase at the upper end of EN 50160, and how many there may be. */
const HIGH_VOLTAGE = 253;
const PHASES = 3;

export function settingsOf(config: P1Config, timezone: string): Settings {
  const { peak = {} } = config;
  const zone = zoneOf(config.timezone ?? timezone);
  return {
    device: config.device ?? 'pcc',
    source: config.source,
    names: config.names ?? {},
    key: config.key,
    aad: config.aad,
    longest: config.longest,
    acceptAbsent: config.crc === 'accept-absent',
    zone,
    power: (config.fuse ?? 100) * HIGH_VOLTAGE * PHASES,
    peak:
      peak.enabled === false
        ? undefined
        : {
            zone,
            floor: peak.floor ?? 2500,
            ...(peak.limit !== undefined && { limit: peak.limit }),
            smooth: durationMs(peak.smooth ?? '2m'),
            after: durationMs(peak.after ?? '3m'),
            average: peak.average ?? 12,
          },
  };
}

function zoneOf(name: string): Zone {
  try {
    return new Zone(name);
  } catch (cause) {
    const message = `"${name}" is not a time zone; write it like Europe/Brussels`;
    throw new SmxError('SMX_CONFIG_INVALID', message, { cause, details: [{ path: 'timezone', expected: 'an IANA time zone' }] }); // prettier-ignore
  }
}
