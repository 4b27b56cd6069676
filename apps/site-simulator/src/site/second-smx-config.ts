import { SMX_FAULTS, SMXCORE_FAULTS, type SmxCoreOptions, type SmxOptions } from '../second-smx/index.js';
import { brokerOf, type DeviceBasics } from './device-basics.js';
import { faultsOf } from './fault-config.js';
import { given, invalid, type Fields } from './fields.js';

export interface SmxConfig extends SmxOptions {
  readonly protocol: 'smx';
  readonly name: string;
}

export interface SmxCoreConfig extends SmxCoreOptions {
  readonly protocol: 'smxcore';
  readonly name: string;
}

const SEGMENT = /^[A-Za-z0-9_-]{1,64}$/;

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function smx(fields: Fields, basics: DeviceBasics): SmxConfig {
  return {
    ...basics,
    ...brokerOf(fields),
    protocol: 'smx',
    site: segmentOf(fields, 'site') ?? 's4g-bz-008',
    party: segmentOf(fields, 'party') ?? 'neighbour',
    batch: (fields.number('batch', { min: 1, max: 3600 }) ?? 10) * 1000,
    ...given({ faults: faultsOf(fields, SMX_FAULTS) }),
  };
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function smxCore(fields: Fields, basics: DeviceBasics): SmxCoreConfig {
  return {
    ...basics,
    ...brokerOf(fields),
    protocol: 'smxcore',
    gateway: segmentOf(fields, 'gateway') ?? 'EDYNA-0003',
    interval: (fields.number('interval', { min: 1, max: 3600 }) ?? 2) * 1000,
    ratio: fields.number('ratio', { min: 1, max: 10_000 }) ?? 1,
    ...given({ faults: faultsOf(fields, SMXCORE_FAULTS) }),
  };
}

function segmentOf(fields: Fields, name: string): string | undefined {
  const text = fields.text(name);
  if (text === undefined || SEGMENT.test(text)) return text;
  throw invalid(fields.at(name), 'a segment of a topic: letters, digits, - and _', text);
}
