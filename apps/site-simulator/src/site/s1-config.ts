import { CONNECTIONS, HIGHEST_ORDER, S1_FAULTS, type Distortion, type S1PortOptions } from '../s1-meter/index.js';
import { faultsOf } from './fault-config.js';
import { given, invalid, type Fields } from './fields.js';
import type { MeterBasics } from './meter-basics.js';

export interface S1MeterConfig extends S1PortOptions {
  readonly protocol: 's1';
  readonly name: string;
}

/** Times real time up to which samples can be sent; a second of the house is 117 kB. */
export const S1_SPEED = 50;

const DEFAULT_PER_PERIOD = 52;
const PER_PERIOD = { min: 40, max: 84 };
const PER_SECOND = { min: 2000, max: 4200 };
const METER_ID = /^[ -~]{1,14}$/;

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function s1Meter(fields: Fields, basics: MeterBasics): S1MeterConfig {
  const meterId = fields.text('meterId') ?? '1SAG1100000292';
  if (!METER_ID.test(meterId)) throw invalid(fields.at('meterId'), 'up to 14 letters and digits', meterId);
  const depth = fields.number('flicker', { min: 0, max: 10 });
  return {
    ...basics,
    ...samplingOf(fields),
    protocol: 's1',
    connection: fields.oneOf('connection', CONNECTIONS) ?? 'three-phase',
    neutral: fields.flag('neutral') ?? true,
    meterId,
    isInverted: fields.flag('inverted') ?? false,
    ...given({
      pty: fields.text('pty'),
      harmonics: harmonicsOf(fields),
      flicker: depth === undefined ? undefined : { depth, frequency: 8.8 },
      faults: faultsOf(fields, S1_FAULTS),
    }),
  };
}

function samplingOf(fields: Fields): Pick<S1PortOptions, 'samplesPerPeriod' | 'samplesPerSecond'> {
  const samplesPerSecond = fields.number('samplesPerSecond', PER_SECOND);
  const samplesPerPeriod = fields.number('samplesPerPeriod', PER_PERIOD);
  if (samplesPerSecond === undefined) {
    if (samplesPerPeriod !== undefined && !Number.isInteger(samplesPerPeriod))
      throw invalid(fields.at('samplesPerPeriod'), 'a whole number', samplesPerPeriod);
    return { samplesPerPeriod: samplesPerPeriod ?? DEFAULT_PER_PERIOD };
  }
  if (samplesPerPeriod !== undefined)
    throw invalid(fields.at('samplesPerSecond'), 'a number where there is no samplesPerPeriod', samplesPerSecond);
  if (samplesPerSecond % 100 !== 0) throw invalid(fields.at('samplesPerSecond'), 'a multiple of 100', samplesPerSecond);
  return { samplesPerSecond };
}

/** % by order; those that are not named are none. */
function harmonicsOf(fields: Fields): Distortion | undefined {
  const each = fields.object('harmonics');
  if (each === undefined) return undefined;
  if (each === false) return {};
  const found: Record<number, number> = {};
  for (let order = 2; order <= HIGHEST_ORDER; order++) {
    const percent = each.number(String(order), { min: 0, max: 30 });
    if (percent !== undefined) found[order] = percent;
  }
  each.end();
  return found;
}
