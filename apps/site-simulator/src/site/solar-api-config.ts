import { SOLAR_API_FAULTS, SOLAR_API_KINDS, type SolarApiOptions } from '../solar-api/index.js';
import { addressOf, inverterSerialOf, type DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, type Fields } from './fields.js';

export interface SolarApiConfig extends SolarApiOptions {
  readonly protocol: 'solar-api';
  readonly name: string;
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function solarApi(fields: Fields, basics: DeviceBasics): SolarApiConfig {
  return {
    ...basics,
    protocol: 'solar-api',
    address: addressOf(fields),
    kind: fields.oneOf('flavour', SOLAR_API_KINDS) ?? 'gen24',
    version: fields.oneOf('version', ['v1', 'v0']) === 'v0' ? 0 : 1,
    serial: inverterSerialOf(fields),
    ...given({ faults: faultsOf(fields, SOLAR_API_FAULTS) }),
  };
}
