import { readFileSync } from 'node:fs';
import { SmxError } from '@smx-edge/model';
import type { HouseOptions } from '../house/index.js';
import { devicesOf, type DeviceConfig } from './device-config.js';
import { Fields, given, invalid } from './fields.js';
import { meterOf, type MeterConfig } from './meter-config.js';
import { S1_SPEED } from './s1-config.js';

export interface SiteConfig {
  /** Virtual time at which the house starts, ms UTC; absent = now. */
  readonly start?: number;
  readonly speed: number;
  /** Most telegrams a meter sends in a second of the wall clock. */
  readonly rate: number;
  readonly house: Omit<HouseOptions, 'start'>;
  readonly meters: readonly MeterConfig[];
  /** What else of the house speaks. */
  readonly devices: readonly DeviceConfig[];
}

/** The config file of the virtual site. Throws SMX_CONFIG_…. */
export function readSiteConfig(file: string): SiteConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} cannot be read`, { cause });
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SmxError('SMX_CONFIG_SYNTAX', `${file} is not JSON: ${why}`, { cause });
  }
  return parseSiteConfig(raw);
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY, SMX_PROTOCOL_KEY. */
export function parseSiteConfig(raw: unknown): SiteConfig {
  const fields = new Fields(raw, '');
  const seed = fields.number('seed');
  const start = time(fields, 'start');
  const speed = fields.number('speed', { min: 0.1, max: 100_000 }) ?? 1;
  const rate = fields.number('rate', { min: 0.01, max: 1000 }) ?? 1;
  const house = houseOf(fields);
  const meters = (fields.list('meters') ?? [{}]).map((each, i) => meterOf(each, i, seed));
  if (speed > S1_SPEED && meters.some(({ protocol }) => protocol === 's1'))
    throw invalid('speed', `at most ${S1_SPEED} where a meter has an S1 port`, speed);
  const devices = devicesOf(fields, seed);
  fields.end();
  const names = [...meters, ...devices].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new SmxError('SMX_CONFIG_INVALID', `meters and devices: two are named "${twice}"`);
  return {
    speed,
    rate,
    meters,
    devices,
    house: { ...house, ...given({ seed }) },
    ...(start !== undefined && { start }),
  };
}

function time(fields: Fields, name: string): number | undefined {
  const text = fields.text(name);
  if (text === undefined) return undefined;
  const t = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(t))
    throw invalid(fields.at(name), 'a time with its offset, as 2026-01-01T00:00:00Z', text);
  return t;
}

function houseOf(fields: Fields): Omit<HouseOptions, 'start' | 'seed'> {
  const timezone = fields.text('timezone');
  if (timezone !== undefined && !isZone(timezone)) throw invalid('timezone', 'a zone as Europe/Brussels', timezone);
  const place = fields.object('place') || undefined;
  const where = place && {
    latitude: place.number('latitude', { min: -66, max: 66 }) ?? 51.05,
    longitude: place.number('longitude', { min: -180, max: 180 }) ?? 3.72,
  };
  place?.end();
  const pv = fields.number('pv', { min: 0, max: 1e5 });
  const battery = part(fields, 'battery', (each) => ({
    capacity: each.number('capacity', { min: 100, max: 1e6 }),
    power: each.number('power', { min: 100, max: 1e5 }),
    efficiency: each.number('efficiency', { min: 0.5, max: 1 }),
    reserve: each.number('reserve', { min: 0, max: 100 }),
    soc: each.number('soc', { min: 0, max: 100 }),
  }));
  const ev = part(fields, 'ev', (each) => ({
    capacity: each.number('capacity', { min: 1000, max: 2e5 }),
    current: each.number('current', { min: 6, max: 80 }),
    until: each.number('until', { min: 10, max: 100 }),
    offered: each.number('offered', { min: 0, max: 80 }),
    trips: each.flag('trips'),
  }));
  const heatPump = part(fields, 'heatPump', (each) => ({ pump: each.number('heat', { min: 500, max: 20_000 }) }));
  return given({ timezone, place: where, pv, battery, ev, heatPump });
}

/** A device: `false` = the house has none; absent fields keep their defaults. */
function part<T extends object>(fields: Fields, name: string, read: (each: Fields) => T) {
  const each = fields.object(name);
  if (each === undefined || each === false) return each;
  const options = given(read(each));
  each.end();
  return options;
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // what Intl does not know is no zone
    return false;
  }
}
