import { dlmsMeter, type DlmsMeterConfig } from './dlms-config.js';
import { Fields, invalid } from './fields.js';
import { iecMeter, type IecMeterConfig } from './iec-config.js';
import { NAME } from './meter-basics.js';
import { p1Meter, type P1MeterConfig } from './p1-config.js';
import { s1Meter, type S1MeterConfig } from './s1-config.js';

export type MeterConfig = P1MeterConfig | S1MeterConfig | DlmsMeterConfig | IecMeterConfig;

const READERS = { p1: p1Meter, s1: s1Meter, dlms: dlmsMeter, 'iec62056-21': iecMeter } as const;
const PROTOCOLS = Object.keys(READERS) as readonly (keyof typeof READERS)[];

/** The `i`th of `meters`. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY, SMX_PROTOCOL_KEY. */
export function meterOf(raw: unknown, i: number, seed = 1): MeterConfig {
  const fields = new Fields(raw, `meters[${i}]`);
  const protocol = fields.oneOf('protocol', PROTOCOLS) ?? 'p1';
  const name = fields.text('name') ?? (i === 0 ? protocol : `${protocol}-${i + 1}`);
  if (!NAME.test(name)) throw invalid(fields.at('name'), 'a name of small letters, digits and -', name);
  const address = {
    host: fields.text('host') ?? '127.0.0.1',
    port: fields.number('port', { min: 0, max: 65_535 }) ?? (i === 0 ? 2001 : 0),
  };
  const basics = { name, address, seed: seed + i };
  const config = READERS[protocol](fields, basics);
  fields.end();
  return config;
}
