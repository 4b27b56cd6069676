import { objectsAt, textAt, type JsonObject } from '../json.js';

export type RateUnit = 'A' | 'W';

/** What a station of 1.6 takes of smart charging; undefined members were not told. */
export interface LimitCapabilities {
  readonly maxStackLevel?: number;
  /** Undefined where the station does not say: both are tried. */
  readonly units?: readonly RateUnit[];
  readonly maxPeriods?: number;
  readonly maxProfiles?: number;
  readonly canSwitchPhases?: boolean;
  readonly connectors?: number;
  /** Whether `SmartCharging` is among its feature profiles. */
  readonly isSmart?: boolean;
}

/** Keys of GetConfiguration to ask for, once per connection (1.6 ed.2 chapter 9). */
export const CAPABILITY_KEYS = [
  'ChargeProfileMaxStackLevel',
  'ChargingScheduleAllowedChargingRateUnit',
  'ChargingScheduleMaxPeriods',
  'MaxChargingProfilesInstalled',
  'ConnectorSwitch3to1PhaseSupported',
  'NumberOfConnectors',
  'SupportedFeatureProfiles',
] as const;

const UNIT_WORDS: Readonly<Record<string, RateUnit>> = { current: 'A', a: 'A', power: 'W', w: 'W' };

/** From a GetConfiguration.conf; what it does not have, or has in words of no meaning, stays unknown. */
export function readCapabilities(answer: JsonObject): LimitCapabilities {
  const values = new Map<string, string>();
  for (const entry of objectsAt(answer, 'configurationKey')) {
    const key = textAt(entry, 'key');
    const value = textAt(entry, 'value');
    if (key !== undefined && value !== undefined) values.set(key, value.trim());
  }
  const count = (key: (typeof CAPABILITY_KEYS)[number]): number | undefined => {
    const value = values.get(key);
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  };
  const units = wordsOf(values.get('ChargingScheduleAllowedChargingRateUnit')).flatMap((word) => Object.hasOwn(UNIT_WORDS, word) ? [UNIT_WORDS[word]!] : []); // prettier-ignore
  const features = wordsOf(values.get('SupportedFeatureProfiles'));
  return defined({
    maxStackLevel: count('ChargeProfileMaxStackLevel'),
    units: units.length > 0 ? [...new Set(units)] : undefined,
    maxPeriods: count('ChargingScheduleMaxPeriods'),
    maxProfiles: count('MaxChargingProfilesInstalled'),
    canSwitchPhases: FLAGS[values.get('ConnectorSwitch3to1PhaseSupported')?.toLowerCase() ?? ''],
    connectors: count('NumberOfConnectors'),
    isSmart: features.length > 0 ? features.includes('smartcharging') : undefined,
  });
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

const wordsOf = (list: string | undefined): readonly string[] =>
  (list ?? '').split(',').map((word) => word.trim().toLowerCase()).filter((word) => word !== ''); // prettier-ignore

function defined<T extends object>(source: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as never;
}
