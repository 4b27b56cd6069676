import { chargePoint, type ChargePointConfig } from './charge-point-config.js';
import { csms, type CsmsConfig } from './csms-config.js';
import { Fields, invalid } from './fields.js';
import { NAME } from './meter-basics.js';
import { energyRouter, type RouterConfig } from './router-config.js';
import { smx, smxCore, type SmxConfig, type SmxCoreConfig } from './second-smx-config.js';
import { solarApi, type SolarApiConfig } from './solar-api-config.js';
import { sunSpecInverter, type SunSpecConfig } from './sunspec-config.js';

export type DeviceConfig = SunSpecConfig | SolarApiConfig | RouterConfig | SmxConfig | SmxCoreConfig | ChargePointConfig | CsmsConfig; // prettier-ignore

const READERS = {
  sunspec: sunSpecInverter,
  'solar-api': solarApi,
  'energy-router': energyRouter,
  smx,
  smxcore: smxCore,
  'charge-point': chargePoint,
  csms,
} as const;
const PROTOCOLS = Object.keys(READERS) as readonly (keyof typeof READERS)[];

/** Those that act on PV and battery of the house, which one alone can do. */
const STEERING: readonly string[] = ['sunspec', 'energy-router'] satisfies (keyof typeof READERS)[];

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function devicesOf(fields: Fields, seed?: number): DeviceConfig[] {
  const devices = (fields.list('devices') ?? []).map((each, i) => deviceOf(each, i, seed));
  const [, beside] = devices.filter((each) => each.protocol === 'charge-point' && each.car !== false);
  if (beside !== undefined)
    throw invalid(fields.at('devices'), 'one charge point that has the car of the house, others with "car": false,', beside.name); // prettier-ignore
  const [, second] = devices.filter(({ protocol }) => STEERING.includes(protocol));
  if (second === undefined) return devices;
  throw invalid(fields.at('devices'), 'one inverter or Energy Router, which steers the house,', second.name);
}

/** The `i`th of `devices`. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
function deviceOf(raw: unknown, i: number, seed = 1): DeviceConfig {
  const fields = new Fields(raw, `devices[${i}]`);
  const protocol = fields.oneOf('protocol', PROTOCOLS);
  if (protocol === undefined) throw invalid(fields.at('protocol'), `one of ${PROTOCOLS.join(', ')}`, undefined);
  const name = fields.text('name') ?? protocol;
  if (!NAME.test(name)) throw invalid(fields.at('name'), 'a name of small letters, digits and -', name);
  const config = READERS[protocol](fields, { name, seed: seed + i });
  fields.end();
  return config;
}
