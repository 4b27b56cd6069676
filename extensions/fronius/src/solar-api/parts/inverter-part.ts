import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { InverterReadings, InverterState, Quantity } from '@smx-edge/protocols/solar-api';
import { pointOf, pointsOf, textPoint } from './field-table.js';

/** The states of the API in the words of SunSpec (`St` of models 101 to 113), so that both ways say the same. */
const STATES: Readonly<Record<InverterState, string | undefined>> = {
  ...{ starting: 'starting', boot: 'starting', running: 'mppt', error: 'fault', sleeping: 'sleeping' },
  ...{ standby: 'standby', idle: 'standby', ready: 'standby', unknown: undefined },
};

export const statusPoint = (state: InverterState | undefined): SunSpecPoint[] =>
  textPoint('status', state && STATES[state]);

/** Of the common collection but the power, which the power flow tells more often; what it gives is negative here. */
export function commonPoints({ quantities }: InverterReadings): SunSpecPoint[] {
  return pointsOf(quantities, {
    apparentPower: ['power/apparent'],
    frequency: ['frequency'],
    energyTotal: ['energy/active/export'],
  });
}

/** Of a logger without power flow. Asleep it gives nothing, and has no value. */
export function powerPoint({ quantities: { power } }: InverterReadings, isAsleep: boolean): SunSpecPoint[] {
  const known = power?.value ?? null;
  if (known === null && isAsleep) return [pointOf('power/active', { value: 0, unit: 'W' })];
  return power === undefined ? [] : [pointOf('power/active', power, -1)];
}

/** Of the collection of three phases. */
export function phasePoints({ quantities }: InverterReadings): SunSpecPoint[] {
  return pointsOf(quantities, {
    ...{ voltageL1: ['voltage/l1'], voltageL2: ['voltage/l2'], voltageL3: ['voltage/l3'] },
    ...{ currentL1: ['current/l1'], currentL2: ['current/l2'], currentL3: ['current/l3'] },
  });
}

/** Of one phase, from the common collection; with three it has one of them and a sum. */
export function onePhasePoints({ quantities }: InverterReadings): SunSpecPoint[] {
  return pointsOf(quantities, { voltage: ['voltage/l1'], current: ['current/l1'] });
}

/** Trackers of the common collection; their powers are what their voltage and current make. `withSum`: and of all together. */
export function trackerPoints(
  { quantities: q }: InverterReadings,
  { withSum }: { readonly withSum: boolean },
): SunSpecPoint[] {
  const trackers = [
    [q.voltageDc1, q.currentDc1],
    [q.voltageDc2, q.currentDc2],
    [q.voltageDc3, q.currentDc3],
    [q.voltageDc4, q.currentDc4],
  ] as const;
  const powers: Quantity[] = [];
  const points = trackers.flatMap(([volt, ampere], i) => {
    if (volt === undefined || ampere === undefined) return [];
    const power = product(volt, ampere);
    powers.push(power);
    const name = `mppt${i + 1}`;
    return [pointOf(`${name}/voltage`, volt), pointOf(`${name}/current`, ampere), pointOf(`${name}/power`, power, -1)];
  });
  return withSum && powers.length > 0 ? [pointOf('power', sum(powers), -1), ...points] : points;
}

function product(volt: Quantity, ampere: Quantity): Quantity {
  if (volt.value === null) return { ...volt, unit: 'W' };
  return ampere.value === null ? { ...ampere, unit: 'W' } : { value: volt.value * ampere.value, unit: 'W' };
}

/** A sum of which a part is missing is none. */
function sum(powers: readonly Quantity[]): Quantity {
  let total = 0;
  for (const power of powers) {
    if (power.value === null) return power;
    total += power.value;
  }
  return { value: total, unit: 'W' };
}
