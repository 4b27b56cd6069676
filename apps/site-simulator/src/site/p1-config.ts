import { parseKey } from '@smx-edge/protocols/p1';
import { P1_FAULTS, P1_VERSIONS, type P1PortOptions } from '../p1-meter/index.js';
import { faultsOf } from './fault-config.js';
import { given, type Fields } from './fields.js';
import type { MeterBasics } from './meter-basics.js';

export interface P1MeterConfig extends Omit<P1PortOptions, 'log'> {
  readonly protocol: 'p1';
  readonly name: string;
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY, SMX_PROTOCOL_KEY. */
export function p1Meter(fields: Fields, basics: MeterBasics): P1MeterConfig {
  const key = fields.text('key');
  return {
    ...basics,
    protocol: 'p1',
    version: fields.oneOf('version', P1_VERSIONS) ?? 'emucs-1.7.1',
    ...given({
      pty: fields.text('pty'),
      key: key === undefined ? undefined : parseKey(key),
      serial: fields.text('serial'),
      gasSerial: fields.text('gasSerial'),
      faults: faultsOf(fields, P1_FAULTS),
    }),
  };
}
