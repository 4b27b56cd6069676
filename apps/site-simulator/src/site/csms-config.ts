import { CSMS_FAULTS, type CsmsOptions } from '../csms/index.js';
import { addressOf, type DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, invalid, type Fields } from './fields.js';

export interface CsmsConfig extends CsmsOptions {
  readonly protocol: 'csms';
  readonly name: string;
}

const PATH = /^(\/[\w.~-]+)*$/;
const isText = (value: unknown): value is string => typeof value === 'string';

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function csms(fields: Fields, basics: DeviceBasics): CsmsConfig {
  const path = fields.text('path') ?? '/ocpp';
  if (!PATH.test(path)) throw invalid(fields.at('path'), 'a path as /ocpp', path);
  const tags = fields.list('tags');
  if (tags !== undefined && !tags.every(isText)) throw invalid(fields.at('tags'), 'a list of texts', tags);
  return {
    ...{ ...basics, protocol: 'csms', address: addressOf(fields), path },
    ...given({
      stations: stationsOf(fields),
      tags,
      tariff: fields.number('tariff', { min: 0, max: 100 }),
      heartbeat: fields.number('heartbeat', { min: 1, max: 86_400 }),
      firstTransaction: fields.number('firstTransaction', { min: -1e9, max: 1e9 }),
      faults: faultsOf(fields, CSMS_FAULTS),
    }),
  };
}

/** Identities with their passwords; null = without one. */
function stationsOf(fields: Fields): Record<string, string | null> | undefined {
  const stations = fields.take('stations');
  if (stations === undefined) return undefined;
  const isObject = typeof stations === 'object' && stations !== null && !Array.isArray(stations);
  if (isObject && Object.values(stations).every((each) => each === null || isText(each))) return stations as Record<string, string | null>; // prettier-ignore
  throw invalid(fields.at('stations'), 'identities, each with its password or null', stations);
}
