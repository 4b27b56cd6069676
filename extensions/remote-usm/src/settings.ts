import { zoneOf } from '@smx-edge/extension-api/metering';
import { parseSource } from '@smx-edge/extension-api/transports';
import { durationMs, type Zone } from '@smx-edge/model';

/** Config as the operator writes it; `config.schema.json` describes it. */
export interface UsmConfig {
  readonly source: string;
  readonly format?: 'smx' | 's4g';
  readonly prefix?: string;
  readonly password?: string;
  readonly site?: string;
  readonly party?: string;
  readonly gateway?: string;
  readonly interval?: string;
  readonly timezone?: string;
  readonly ratio?: number;
}

/** What both formats need. */
interface Common {
  readonly source: string;
  readonly password: string | undefined;
  /** Before the names of devices, without the hyphen. */
  readonly prefix: string;
  /** ms in which the other box tells what is new; undefined where that is to be seen. */
  readonly interval: number | undefined;
}

export interface SmxSettings extends Common {
  readonly format: 'smx';
  readonly site: string | undefined;
  readonly party: string | undefined;
}

export interface S4gSettings extends Common {
  readonly format: 's4g';
  readonly gateway: string | undefined;
  readonly zone: Zone;
  readonly ratio: number | undefined;
}

export type Settings = SmxSettings | S4gSettings;

/** Throws SMX_CONFIG_INVALID, SMX_TRANSPORT_SOURCE. */
export function settingsOf(config: UsmConfig, box: { readonly instance: string; readonly timezone: string }): Settings {
  const { source, format, password, site, gateway, ratio } = config;
  const common = {
    ...{ source, password },
    prefix: config.prefix ?? box.instance,
    interval: config.interval === undefined ? undefined : durationMs(config.interval),
  };
  if (format === 's4g') return { ...common, format, gateway, ratio, zone: zoneOf(config.timezone ?? box.timezone) };
  return { ...common, format: 'smx', site, party: config.party ?? userOf(source) };
}

/** A box tells each party below its own name, which is also its login. */
function userOf(source: string): string | undefined {
  const parsed = parseSource(source);
  return parsed.kind === 'mqtt' && parsed.user !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(parsed.user)
    ? parsed.user
    : undefined;
}
