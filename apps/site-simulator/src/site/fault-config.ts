import type { Fault, FaultRules } from '../line/index.js';
import { Fields, given, invalid } from './fields.js';

/** A fault as config and commands say it; `by` is in seconds there. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function parseFault<K extends string>(fields: Fields, { kinds, counted }: FaultRules<K>): Fault<K> {
  const kind = fields.oneOf('fault', kinds);
  if (kind === undefined) throw invalid(fields.at('fault'), `one of ${kinds.join(', ')}`, undefined);
  const by = fields.number('by');
  const fault: Fault<K> = {
    kind,
    ...given({
      [counted]: fields.number(counted, { min: 1 }),
      share: fields.number('share', { min: 0, max: 1 }),
      by: by === undefined ? undefined : by * 1000,
    }),
  };
  fields.end();
  return fault;
}

/** The `faults` of a meter's section; undefined where there are none. */
export function faultsOf<K extends string>(fields: Fields, rules: FaultRules<K>): Fault<K>[] | undefined {
  return fields.list('faults')?.map((each, n) => parseFault(new Fields(each, fields.at(`faults[${n}]`)), rules));
}
