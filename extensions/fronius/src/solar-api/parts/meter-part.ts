import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { MeterPlace, MeterReadings } from '@smx-edge/protocols/solar-api';
import type { ApiPart } from './api-part.js';
import { pointsOf, type Paths } from './field-table.js';

type Name = keyof MeterReadings['quantities'];

/** What has no sign. */
const LEVELS: Paths<Name> = {
  ...{ apparentPower: ['power/apparent'], powerFactor: ['power/factor'], frequency: ['frequency'] },
  ...{ apparentPowerL1: ['power/apparent/l1'], powerFactorL1: ['power/factor/l1'], voltageL1: ['voltage/l1'] },
  ...{ apparentPowerL2: ['power/apparent/l2'], powerFactorL2: ['power/factor/l2'], voltageL2: ['voltage/l2'] },
  ...{ apparentPowerL3: ['power/apparent/l3'], powerFactorL3: ['power/factor/l3'], voltageL3: ['voltage/l3'] },
  ...{ voltageL1L2: ['voltage/l1-l2'], voltageL2L3: ['voltage/l2-l3'], voltageL3L1: ['voltage/l3-l1'] },
};

/** At the connection + = import, as here (Fronius Solar API V1, GetMeterRealtimeData). */
const AT_GRID: Paths<Name> = {
  ...LEVELS,
  ...{ power: ['power/active'], reactivePower: ['power/reactive'] },
  ...{ powerL1: ['power/active/l1'], powerL2: ['power/active/l2'], powerL3: ['power/active/l3'] },
  ...{ reactivePowerL1: ['power/reactive/l1'], reactivePowerL2: ['power/reactive/l2'] },
  reactivePowerL3: ['power/reactive/l3'],
  ...{ energyConsumed: ['energy/active/import'], energyProduced: ['energy/active/export'] },
  ...{ reactiveEnergyConsumed: ['energy/reactive/import'], reactiveEnergyProduced: ['energy/reactive/export'] },
};

/**
 * Anywhere else + = given to the house's own network, so that a load is negative there and positive here; `plus` and `minus` are
 * the counters of these two directions. Relative ones begin anew at each start, and are none.
 */
const INSIDE: Paths<Name> = {
  ...LEVELS,
  ...{ power: ['power/active', -1], reactivePower: ['power/reactive', -1] },
  ...{ powerL1: ['power/active/l1', -1], powerL2: ['power/active/l2', -1], powerL3: ['power/active/l3', -1] },
  ...{ reactivePowerL1: ['power/reactive/l1', -1], reactivePowerL2: ['power/reactive/l2', -1] },
  reactivePowerL3: ['power/reactive/l3', -1],
  ...{ energyMinus: ['energy/active/import'], energyPlus: ['energy/active/export'] },
};

/** Places for which recorded answers agree with that. */
const PROVEN: readonly MeterPlace[] = ['feed-in', 'consumption'];
const SIGNED = /^(power\/(active|reactive)|energy\/active)/;

/** A meter of the site; undefined where it is switched off in the inverter. A place that is not told counts as the connection. */
export function meterPart(number: string, reading: MeterReadings): ApiPart | undefined {
  const { quantities, place = 'feed-in', location, isEnabled, details } = reading;
  if (isEnabled === false) return undefined;
  const points = pointsOf(quantities, place === 'feed-in' ? AT_GRID : INSIDE);
  return {
    // whatever its number, there is one connection
    ...{
      kind: 'meter',
      number: place === 'feed-in' ? place : number,
      place,
      serials: details.serial === undefined ? [] : [details.serial],
    },
    ...(location !== undefined && { location }),
    ...(details.manufacturer !== undefined && { manufacturer: details.manufacturer }),
    ...(details.model !== undefined && { model: details.model }),
    points: PROVEN.includes(place) ? points : points.map(doubted),
  };
}

/** Firmwares differ in the sign of what stands at such a place. */
function doubted(point: SunSpecPoint): SunSpecPoint {
  if (point.value === null || !SIGNED.test(point.path)) return point;
  const reason = 'firmwares differ in the sign of a meter at this place';
  return { ...point, quality: 'uncertain', reason };
}
