import type { Decoded, Fields, FieldValue } from '@smx-edge/protocols/sunspec';
import { batteryPoints, pvPoints, textPoint, wayOf } from './direct-points.js';
import { INVERTER_IDS, METER_IDS } from './field-points.js';
import { roomOf, type CounterDoor, type PartKind } from './part-counters.js';
import { measuredPoints, stateOf, waysOf, type SunSpecPoint } from './part-points.js';

/** One device that a chain tells of. */
export interface SunSpecPart {
  readonly kind: PartKind;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  /** All that the device has a field for, also without a value: what never had one is not there for good. */
  readonly points: readonly SunSpecPoint[];
}

type Maker = Omit<SunSpecPart, 'kind' | 'points'>;

const COMMON = 1;
/** Damaged registers must not get at terminals and logs through a name. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\uFFFD]/gu;
const MPPT = 160;
const STORAGE = 124;

/** The models that measure, and the one that says of whom: from these `partsOf` makes devices. */
export const MEASURED_IDS: readonly number[] = [...INVERTER_IDS, STORAGE, MPPT, ...METER_IDS];
export const PART_IDS: readonly number[] = [COMMON, ...MEASURED_IDS];

/**
 * The devices behind one unit, in the order of its chain: each common block begins another inverter or meter. `door`: what each counter
 * of energy is taken for; unless given, for what it shows.
 */
export function partsOf(all: readonly Decoded[], door: CounterDoor = ({ field }) => field): SunSpecPart[] {
  const models = all.map((model) => (model.isBlank === true ? emptied(model) : model));
  const parts: SunSpecPart[] = [];
  let maker: Maker = {};
  for (const decoded of models) {
    const { id, fields } = decoded;
    if (id === COMMON) maker = makerOf(fields);
    const kind = INVERTER_IDS.includes(id) ? 'inverter' : METER_IDS.includes(id) ? 'meter' : undefined;
    if (kind === undefined) continue;
    const index = parts.filter((part) => part.kind === kind).length;
    const points = measuredPoints(decoded, (path, name, field) =>
      door({ kind, index, serial: maker.serial, path, field, ...roomOf(id, name, fields) }),
    );
    const more = kind === 'inverter' ? textPoint('status', stateOf(id, 'St', fields)) : waysOf(points, 'power/active');
    parts.push({ kind, ...maker, points: [...points, ...more] });
  }
  const { manufacturer, model, serial } = parts.find(({ kind }) => kind === 'inverter') ?? {};
  const inverter = { ...(manufacturer && { manufacturer }), ...(model && { model }), ...(serial && { serial }) };
  return [...parts, ...directParts(models, inverter, door)];
}

/** A model filled with one word, as where the bus behind a gateway is dead, says nothing: neither 0 W nor -0.1 V. */
function emptied(model: Decoded): Decoded {
  const none: FieldValue = { value: null, reason: 'not-implemented' };
  const without = (fields: Fields): Fields => Object.fromEntries(Object.keys(fields).map((name) => [name, none]));
  return { ...model, fields: without(model.fields), blocks: model.blocks.map(without) };
}

/** What stands behind an inverter on its direct current, with the names of the inverter. */
function directParts(models: readonly Decoded[], maker: Maker, door: CounterDoor): SunSpecPart[] {
  const mppt = models.find(({ id }) => id === MPPT);
  const storage = models.findLast(({ id }) => id === STORAGE)?.fields;
  const inverter = models.find(({ id }) => INVERTER_IDS.includes(id));
  const blocks = mppt?.blocks ?? [];
  const room = mppt === undefined ? { span: undefined, step: 0 } : roomOf(MPPT, 'DCWH', mppt.fields);
  const counted =
    (kind: PartKind): Parameters<typeof pvPoints>[1] =>
    (path, field) =>
      door({ kind, index: 0, serial: maker.serial, path, field, ...room });
  const trackers = blocks.filter((block) => wayOf(block) === undefined);
  const pv = pvPoints(trackers, counted('pv'));
  const battery = batteryPoints(
    { blocks, ...(storage && { storage }), ...(inverter && { inverter }) },
    counted('battery'),
  );
  return [
    ...(pv.length > 0 ? [{ kind: 'pv' as const, ...maker, points: pv }] : []),
    ...(battery.length > 0 ? [{ kind: 'battery' as const, ...maker, points: battery }] : []),
  ];
}

function makerOf(fields: Fields): Maker {
  const text = (name: string): string | undefined =>
    fields[name]?.value?.toString().replaceAll(UNPRINTABLE, '').trim() || undefined;
  const [manufacturer, model, serial] = [text('Mn'), text('Md'), text('SN')];
  return { ...(manufacturer && { manufacturer }), ...(model && { model }), ...(serial && { serial }) };
}
