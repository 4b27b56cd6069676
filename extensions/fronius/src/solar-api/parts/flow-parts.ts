import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { FlowInverter, PowerFlow, Quantity } from '@smx-edge/protocols/solar-api';
import type { Inventory } from '../inventory.js';
import type { ApiPart } from './api-part.js';
import { flowBatteryPoints } from './battery-part.js';
import { pointOf, pointsOf, textPoint } from './field-table.js';

const NONE: Quantity = { value: null, unit: 'W', reason: 'null' };
const STILL: Quantity = { value: 0, unit: 'W' };
const CALCULATED = 'the inverter calculates it from the meter in the consumption path';

/** The devices of a power flow. A power that is null is 0 where the inverter says that it sleeps or stands by, and else not known. */
export function flowParts(flow: PowerFlow, inventory: Inventory): ApiPart[] {
  const sleeps = [...flow.inverters.keys()].every((number) => inventory.isAsleep(number));
  const isAllAsleep = flow.inverters.size > 0 && sleeps;
  return [
    ...[...flow.inverters].map(([number, inverter]) => inverterPart(number, inverter, inventory)),
    pvPart(flow, { inventory, isAllAsleep }),
    ...batteryParts(flow, { inventory, isAllAsleep }),
    ...connectionParts(flow, inventory),
    ...[...flow.ohmpilots].map(([number, { quantities, state }]): ApiPart => ({
      ...{ kind: 'ohmpilot', number, serials: [] },
      points: [
        ...pointsOf(quantities, { power: ['power/active'], temperature: ['temperature'] }),
        ...textPoint('status', state),
      ],
    })),
  ];
}

const stillWhere = (isStill: boolean, power: Quantity = NONE): Quantity =>
  power.value === null && power.reason === 'null' && isStill ? STILL : power;

function inverterPart(number: string, { quantities }: FlowInverter, inventory: Inventory): ApiPart {
  const power = stillWhere(inventory.isAsleep(number), quantities.power);
  return { ...inventory.inverter(number), points: [pointOf('power/active', power, -1)] };
}

interface Moment {
  readonly inventory: Inventory;
  readonly isAllAsleep: boolean;
}

/** The flow knows only the sum of all inverters. */
function pvPart({ site }: PowerFlow, { inventory, isAllAsleep }: Moment): ApiPart {
  const points = [pointOf('power', stillWhere(isAllAsleep, site.pv), -1)];
  return { kind: 'pv', ...inventory.whole, points };
}

function batteryParts(flow: PowerFlow, { inventory, isAllAsleep }: Moment): ApiPart[] {
  const [number, hybrid] = [...flow.inverters].find(([, { batteryMode }]) => batteryMode !== undefined) ?? [];
  const isThere = inventory.has('storages') || (hybrid !== undefined && hybrid.batteryMode !== 'disabled');
  if (!isThere) return [];
  inventory.hybrid = number ?? inventory.hybrid;
  const power = stillWhere(flow.isBatteryStandby === true || isAllAsleep, flow.site.battery);
  const points = hybrid === undefined ? [pointOf('power', power, -1)] : flowBatteryPoints(hybrid, power);
  return [{ kind: 'battery', ...inventory.storage, points }];
}

/** Where no meter at the connection is read, what the inverter says of it all the same. */
function connectionParts({ site, meterLocation }: PowerFlow, inventory: Inventory): ApiPart[] {
  if (inventory.hasGridMeter || site.grid === undefined || meterLocation === 'unknown') return [];
  const point: SunSpecPoint = pointOf('power/active', site.grid);
  if (point.value === null && !inventory.has('meters')) return [];
  const isDoubtful = meterLocation === 'load' && point.value !== null;
  const points = [isDoubtful ? { ...point, quality: 'uncertain' as const, reason: CALCULATED } : point];
  return [{ kind: 'meter', number: 'feed-in', serials: [], place: 'feed-in', points }];
}
