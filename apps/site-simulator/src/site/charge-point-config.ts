import { STATION_QUIRKS, type ChargePointOptions } from '../charge-point/index.js';
import type { DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, invalid, type Fields } from './fields.js';

export interface ChargePointConfig extends ChargePointOptions {
  readonly protocol: 'charge-point';
  readonly name: string;
}

const BACKEND = /^ws:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/;
/** Longest identity of 2.0.1 (part 4 §3.1). */
const IDENTITY = /^[^:\s]{1,48}$/;

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function chargePoint(fields: Fields, basics: DeviceBasics): ChargePointConfig {
  const id = fields.text('identity') ?? basics.name;
  if (!IDENTITY.test(id)) throw invalid(fields.at('identity'), 'at most 48 characters without ":" and blanks', id);
  const url = fields.text('backend') ?? 'ws://127.0.0.1:9000/ocpp';
  if (!BACKEND.test(url)) throw invalid(fields.at('backend'), 'a back end as ws://127.0.0.1:9000/ocpp', url);
  const phases = fields.number('phases');
  if (phases !== undefined && phases !== 1 && phases !== 3) throw invalid(fields.at('phases'), '1 or 3', phases);
  const tag = fields.take('tag');
  if (tag !== undefined && tag !== false && typeof tag !== 'string') throw invalid(fields.at('tag'), 'a text, or false for none', tag); // prettier-ignore
  return {
    ...{ ...basics, protocol: 'charge-point', id, url },
    ...given({
      version: fields.oneOf('version', ['1.6', '2.0.1']),
      phases,
      current: fields.number('current', { min: 6, max: 80 }),
      password: fields.text('password'),
      tag: tag === false ? null : tag,
      car: fields.flag('car'),
      settings: settingsOf(fields),
      retry: retryOf(fields),
      faults: faultsOf(fields, STATION_QUIRKS),
    }),
  };
}

function settingsOf(fields: Fields): Record<string, string> | undefined {
  const settings = fields.take('settings');
  if (settings === undefined) return undefined;
  const isObject = typeof settings === 'object' && settings !== null && !Array.isArray(settings);
  if (isObject && Object.values(settings).every((value) => typeof value === 'string')) return settings as Record<string, string>; // prettier-ignore
  throw invalid(fields.at('settings'), 'keys of OCPP 1.6, each with a text', settings);
}

/** Seconds in the file. */
function retryOf(fields: Fields): { least: number; most: number } | undefined {
  const retry = fields.object('retry') || undefined;
  const least = (retry?.number('least', { min: 0.01, max: 3600 }) ?? 1) * 1000;
  const most = (retry?.number('most', { min: 0.01, max: 3600 }) ?? 60) * 1000;
  retry?.end();
  return retry && { least, most };
}
