import { ROUTER_FAULTS, ROUTER_PHASES, type RouterOptions } from '../energy-router/index.js';
import { brokerOf, type DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, type Fields } from './fields.js';

export interface RouterConfig extends RouterOptions {
  readonly protocol: 'energy-router';
  readonly name: string;
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function energyRouter(fields: Fields, basics: DeviceBasics): RouterConfig {
  return {
    ...basics,
    ...brokerOf(fields),
    protocol: 'energy-router',
    phases: fields.oneOf('phases', ROUTER_PHASES) ?? 'one',
    interval: (fields.number('interval', { min: 1, max: 3600 }) ?? 2) * 1000,
    ...given({ faults: faultsOf(fields, ROUTER_FAULTS) }),
  };
}
