import { parseKey } from '@smx-edge/protocols/p1';
import { FAULT_KINDS, P1_VERSIONS, type Fault, type P1PortOptions } from '../p1-meter/index.js';
import { Fields, given, invalid } from './fields.js';
import type { MeterBasics } from './meter-basics.js';

export interface P1MeterConfig extends Omit<P1PortOptions, 'log'> {
  readonly protocol: 'p1';
  readonly name: string;
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY, SMX_PROTOCOL_KEY. */
export function p1Meter(fields: Fields, basics: MeterBasics): P1MeterConfig {
  const key = fields.text('key');
  const faults = fields.list('faults')?.map((each, n) => parseFault(new Fields(each, fields.at(`faults[${n}]`))));
  return {
    ...basics,
    protocol: 'p1',
    version: fields.oneOf('version', P1_VERSIONS) ?? 'emucs-1.7.1',
    ...given({
      pty: fields.text('pty'),
      key: key === undefined ? undefined : parseKey(key),
      serial: fields.text('serial'),
      gasSerial: fields.text('gasSerial'),
      faults,
    }),
  };
}

/** A fault as config and commands say it; `by` is in seconds there. */
export function parseFault(fields: Fields): Fault {
  const kind = fields.oneOf('fault', FAULT_KINDS);
  if (kind === undefined) throw invalid(fields.at('fault'), `one of ${FAULT_KINDS.join(', ')}`, undefined);
  const by = fields.number('by');
  const fault: Fault = {
    kind,
    ...given({
      telegrams: fields.number('telegrams', { min: 1 }),
      share: fields.number('share', { min: 0, max: 1 }),
      by: by === undefined ? undefined : by * 1000,
    }),
  };
  fields.end();
  return fault;
}
