import type { Decoded, Fields, FieldValue } from '@smx-edge/protocols/sunspec';
import { negated, pointOf, pointsAs, stateOf, sum, type SunSpecPoint } from './part-points.js';

/** What a counter of a tracker, or of a way of the battery, is taken for; the path is that of its point, or below it. */
export type DirectCounted = (path: string, field: FieldValue) => FieldValue;

const STORAGE = 124;
const BALANCE = 'DC power of the inverter less that of its trackers';

/** Hybrids name the two ways of their battery among the trackers (Fronius Modbus TCP & RTU, multiple MPPT model). */
export function wayOf(block: Fields): 'charge' | 'discharge' | undefined {
  const name = block['IDStr']?.value?.toString() ?? '';
  return name.startsWith('StCha') ? 'charge' : name.startsWith('StDisCha') ? 'discharge' : undefined;
}

export const textPoint = (path: string, value: string | undefined): SunSpecPoint[] =>
  value === undefined ? [] : [{ path, unit: null, value, quality: 'good' }];

/** A tracker with nothing on it shows neither voltage nor current nor power. */
const isUsed = (block: Fields): boolean => ['DCV', 'DCA', 'DCW'].some((name) => (block[name]?.value ?? null) !== null);

const isUncounted = (field: FieldValue): boolean => field.value === null && field.reason === 'not-accumulated';

/** The trackers that something is on; by night, when none shows anything, all of them. */
function used(trackers: readonly Fields[]): readonly Fields[] {
  const some = trackers.filter(isUsed);
  return some.length > 0 ? some : trackers;
}

export function pvPoints(trackers: readonly Fields[], counted: DirectCounted): SunSpecPoint[] {
  if (trackers.length === 0) return [];
  const counters = trackers.map((block, i) => counted(`energy/produced/mppt${i + 1}`, block['DCWH']!));
  // what nothing is on has nothing to count
  const counting = counters.filter((field, i) => !isUncounted(field) || isUsed(trackers[i]!));
  const energies = counting.length > 0 ? counting : counters;
  return [
    sum(pointsAs('power', 'W', used(trackers).map((block) => negated(block['DCW']!)))), // prettier-ignore
    sum(pointsAs('energy/produced', 'Wh', energies)),
    ...trackers.flatMap((block, i) => [
      pointOf(`mppt${i + 1}/power`, 'W', negated(block['DCW']!)),
      pointOf(`mppt${i + 1}/voltage`, 'V', block['DCV']!),
      pointOf(`mppt${i + 1}/current`, 'A', block['DCA']!),
    ]),
  ];
}

/** `blocks`: all of model 160; `storage`: model 124. */
export function batteryPoints(
  { blocks, storage, inverter }: { blocks: readonly Fields[]; storage?: Fields; inverter?: Decoded },
  counted: DirectCounted,
): SunSpecPoint[] {
  const charge = blocks.find((block) => wayOf(block) === 'charge');
  const discharge = blocks.find((block) => wayOf(block) === 'discharge');
  const points: SunSpecPoint[] = [];
  if (charge !== undefined && discharge !== undefined) {
    points.push(sum(pointsAs('power', 'W', [charge['DCW']!, negated(discharge['DCW']!)])));
    points.push(pointOf('energy/charged', 'Wh', counted('energy/charged', charge['DCWH']!)));
    points.push(pointOf('energy/discharged', 'Wh', counted('energy/discharged', discharge['DCWH']!)));
  } else if (storage !== undefined) points.push(...balance(blocks, inverter?.fields['DCW']));
  if (storage?.['ChaState'] !== undefined) points.push(within(pointOf('soc', '%', storage['ChaState']), [0, 100]));
  return [...points, ...textPoint('state', storage && stateOf(STORAGE, 'ChaSt', storage))];
}

/** A value that cannot be is none: without its scale factor 55 % is 5500. */
function within(point: SunSpecPoint, [least, most]: readonly [number, number]): SunSpecPoint {
  const { path, unit, value } = point;
  if (typeof value !== 'number' || (value >= least && value <= most)) return point;
  return { path, unit, value: null, quality: 'bad', reason: `the device shows ${value}, which cannot be` };
}

/** A Datamanager says nothing of the battery's power: what the trackers give and the inverter does not take goes there. */
function balance(trackers: readonly Fields[], direct: FieldValue | undefined): SunSpecPoint[] {
  if (trackers.length === 0 || direct === undefined) return [];
  const point = sum(pointsAs('power', 'W', [...used(trackers).map((block) => block['DCW']!), negated(direct)]));
  return [point.value === null ? point : { ...point, quality: 'uncertain', reason: BALANCE }];
}
