import type { Decoded, Fields, FieldValue } from '@smx-edge/protocols/sunspec';
import { INVERTER_IDS, METER_IDS } from './field-points.js';
import { measuredPoints, negated, pointOf, stateOf, type SunSpecPoint } from './part-points.js';

/** One device that a chain tells of. */
export interface SunSpecPart {
  readonly kind: 'inverter' | 'meter' | 'pv' | 'battery';
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  /** All that the device has a field for, also without a value: what never had one is not there for good. */
  readonly points: readonly SunSpecPoint[];
}

const MPPT = 160;
const STORAGE = 124;

/** The models from which `partsOf` makes devices. */
export const PART_IDS: readonly number[] = [1, ...INVERTER_IDS, STORAGE, MPPT, ...METER_IDS];

/** The devices behind one unit, in the order of its chain: each common block begins another inverter or meter. */
export function partsOf(models: readonly Decoded[]): SunSpecPart[] {
  const parts: SunSpecPart[] = [];
  let maker: Omit<SunSpecPart, 'kind' | 'points'> = {};
  let storage: Fields | undefined;
  for (const decoded of models) {
    if (decoded.id === STORAGE) storage = decoded.fields;
    if (decoded.id === 1) maker = makerOf(decoded.fields);
    const kind = INVERTER_IDS.includes(decoded.id) ? 'inverter' : METER_IDS.includes(decoded.id) ? 'meter' : undefined;
    if (kind === undefined) continue;
    const status = kind === 'inverter' ? textPoint('status', stateOf(decoded.id, 'St', decoded.fields)) : [];
    parts.push({ kind, ...maker, points: [...measuredPoints(decoded), ...status] });
  }
  const trackers = models.find(({ id }) => id === MPPT)?.blocks ?? [];
  const pv = pvPoints(trackers.filter((block) => wayOf(block) === undefined));
  const battery = batteryPoints(trackers, storage);
  if (pv.length > 0) parts.push({ kind: 'pv', points: pv });
  if (battery.length > 0) parts.push({ kind: 'battery', points: battery });
  return parts;
}

function makerOf(fields: Fields): Omit<SunSpecPart, 'kind' | 'points'> {
  const text = (name: string): string | undefined => fields[name]?.value?.toString().trim() || undefined;
  const [manufacturer, model, serial] = [text('Mn'), text('Md'), text('SN')];
  return { ...(manufacturer && { manufacturer }), ...(model && { model }), ...(serial && { serial }) };
}

const textPoint = (path: string, value: string | undefined): SunSpecPoint[] =>
  value === undefined ? [] : [{ path, unit: null, value, quality: 'good' }];

/** Hybrids name the two ways of their battery among the trackers (Fronius Modbus TCP & RTU, multiple MPPT model). */
function wayOf(block: Fields): 'charge' | 'discharge' | undefined {
  const name = block['IDStr']?.value?.toString() ?? '';
  return name.startsWith('StCha') ? 'charge' : name.startsWith('StDisCha') ? 'discharge' : undefined;
}

function pvPoints(trackers: readonly Fields[]): SunSpecPoint[] {
  if (trackers.length === 0) return [];
  return [
    sum(
      pointsAs(
        'power',
        'W',
        trackers.map((block) => negated(block['DCW']!)),
      ),
    ),
    sum(
      pointsAs(
        'energy/produced',
        'Wh',
        trackers.map((block) => block['DCWH']!),
      ),
    ),
    ...trackers.flatMap((block, i) => [
      pointOf(`mppt${i + 1}/power`, 'W', negated(block['DCW']!)),
      pointOf(`mppt${i + 1}/voltage`, 'V', block['DCV']!),
      pointOf(`mppt${i + 1}/current`, 'A', block['DCA']!),
    ]),
  ];
}

function batteryPoints(blocks: readonly Fields[], storage: Fields | undefined): SunSpecPoint[] {
  const charge = blocks.find((block) => wayOf(block) === 'charge');
  const discharge = blocks.find((block) => wayOf(block) === 'discharge');
  const points: SunSpecPoint[] = [];
  if (charge !== undefined && discharge !== undefined) {
    points.push(sum(pointsAs('power', 'W', [charge['DCW']!, negated(discharge['DCW']!)])));
    points.push(pointOf('energy/charged', 'Wh', charge['DCWH']!));
    points.push(pointOf('energy/discharged', 'Wh', discharge['DCWH']!));
  }
  if (storage?.['ChaState'] !== undefined) points.push(pointOf('soc', '%', storage['ChaState']));
  return [...points, ...textPoint('state', storage && stateOf(STORAGE, 'ChaSt', storage))];
}

const pointsAs = (path: string, unit: string, fields: readonly FieldValue[]): SunSpecPoint[] =>
  fields.map((field) => pointOf(path, unit, field));

/** A sum of which a part is missing is none: it would show less than there is. */
function sum(points: readonly SunSpecPoint[]): SunSpecPoint {
  const missing = points.find(({ value }) => value === null);
  if (missing !== undefined) return missing;
  const value = points.reduce((total, point) => total + Number(point.value), 0);
  const quality = points.some((point) => point.quality !== 'good') ? 'uncertain' : 'good';
  return { ...points[0]!, value, quality };
}
