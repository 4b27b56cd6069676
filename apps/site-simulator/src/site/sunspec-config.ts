import {
  FLAVOUR_NAMES,
  FLAVOURS,
  INVERTER_FAULTS,
  NIGHTS,
  type InverterPortOptions,
} from '../sunspec-inverter/index.js';
import { addressOf, inverterSerialOf, type DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, type Fields } from './fields.js';

export interface SunSpecConfig extends InverterPortOptions {
  readonly protocol: 'sunspec';
  readonly name: string;
}

const UNIT = { min: 1, max: 247 };

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function sunSpecInverter(fields: Fields, basics: DeviceBasics): SunSpecConfig {
  const flavour = FLAVOURS[fields.oneOf('flavour', FLAVOUR_NAMES) ?? 'gen24'];
  const seconds = fields.number('refresh', { min: 0, max: 600 });
  return {
    ...basics,
    ...flavour,
    protocol: 'sunspec',
    address: addressOf(fields),
    isFloat: fields.oneOf('numbers', ['int', 'float']) === 'float',
    serial: inverterSerialOf(fields),
    gridCharge: fields.oneOf('gridCharge', ['on', 'off']) !== 'off',
    revert: fields.oneOf('revert', ['message', 'write']) ?? 'message',
    ...given({
      unit: fields.number('unit', UNIT),
      meterUnit: fields.number('meterUnit', UNIT),
      base: fields.number('base', { min: 0, max: 60_000 }),
      night: fields.oneOf('night', NIGHTS),
      window: fields.oneOf('window', ['refused', 'ignored']),
      refresh: seconds === undefined ? undefined : seconds * 1000,
      rating: fields.number('rating', { min: 500, max: 1e5 }),
      chargeMax: fields.number('chargeMax', { min: 100, max: 65_000 }),
      hole: fields.number('hole', { min: 101, max: 124 }),
      connections: fields.number('connections', { min: 1, max: 100 }),
      faults: faultsOf(fields, INVERTER_FAULTS),
    }),
  };
}
