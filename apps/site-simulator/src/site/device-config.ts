import { Fields, invalid } from './fields.js';
import { NAME } from './meter-basics.js';
import { solarApi, type SolarApiConfig } from './solar-api-config.js';
import { sunSpecInverter, type SunSpecConfig } from './sunspec-config.js';

export type DeviceConfig = SunSpecConfig | SolarApiConfig;

const READERS = { sunspec: sunSpecInverter, 'solar-api': solarApi } as const;
const PROTOCOLS = Object.keys(READERS) as readonly (keyof typeof READERS)[];

/** The `i`th of `devices`. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function deviceOf(raw: unknown, i: number, seed = 1): DeviceConfig {
  const fields = new Fields(raw, `devices[${i}]`);
  const protocol = fields.oneOf('protocol', PROTOCOLS);
  if (protocol === undefined) throw invalid(fields.at('protocol'), `one of ${PROTOCOLS.join(', ')}`, undefined);
  const name = fields.text('name') ?? protocol;
  if (!NAME.test(name)) throw invalid(fields.at('name'), 'a name of small letters, digits and -', name);
  const config = READERS[protocol](fields, { name, seed: seed + i });
  fields.end();
  return config;
}
