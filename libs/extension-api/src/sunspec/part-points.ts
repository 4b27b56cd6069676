import { modelOf, type Decoded, type Fields, type FieldValue } from '@smx-edge/protocols/sunspec';
import { FIELD_POINTS, INVERTER_IDS } from './field-points.js';

/** One value in the load convention of the house, under the path that the contracts give it below its device. */
export interface SunSpecPoint {
  readonly path: string;
  /** UCUM; null where it has none. */
  readonly unit: string | null;
  readonly value: number | string | null;
  /** `uncertain`: the device gives no scale factor, or it is worked out. `bad`: there is no value. `reason` says why. */
  readonly quality: 'good' | 'uncertain' | 'bad';
  readonly reason?: string;
}

/** An inverter in such a state gives nothing. */
export const OFF: readonly unknown[] = ['off', 'sleeping'];
/** Some inverters send this while they have lost their own power stage: zeros are no measurement of a grid. */
const NULL_FRAME = 'the inverter runs and shows neither voltage nor frequency';
const ENERGY = 'energy/';
const DIGITS = 12;

const bad = (reason: string): Pick<SunSpecPoint, 'value' | 'quality' | 'reason'> => ({
  ...{ value: null, quality: 'bad', reason },
});

/** What a device counts as produced is negative here. */
export const negated = (field: FieldValue): FieldValue =>
  typeof field.value === 'number' ? { ...field, value: -field.value + 0 } : field;

export function pointOf(path: string, unit: string | null, field: FieldValue): SunSpecPoint {
  if (field.value === null) return { path, unit, ...bad(field.reason) };
  return { path, unit, value: field.value, quality: field.uncertain ? 'uncertain' : 'good' };
}

export const pointsAs = (path: string, unit: string, fields: readonly FieldValue[]): SunSpecPoint[] =>
  fields.map((field) => pointOf(path, unit, field));

/** A sum of which a part is missing is none: it would show less than there is. */
export function sum(points: readonly SunSpecPoint[]): SunSpecPoint {
  const missing = points.find(({ value }) => value === null);
  if (missing !== undefined) return missing;
  // binary fractions add up to digits that no part has
  const value = Number(points.reduce((total, point) => total + Number(point.value), 0).toPrecision(DIGITS));
  const quality = points.some((point) => point.quality !== 'good') ? 'uncertain' : 'good';
  return { ...points[0]!, value, quality };
}

/** The name that the model has for a number; a number without one stays as it is. */
export function stateOf(id: number, name: string, fields: Fields): string | undefined {
  const value = fields[name]?.value;
  if (value === undefined || value === null) return undefined;
  const symbols = modelOf(id)?.fields.find((field) => field.name === name)?.symbols;
  return symbols?.[Number(value)] ?? String(value);
}

/** The points of an inverter or meter, of any other model none; `counted`: what a counter of energy is taken for. */
export function measuredPoints(
  { id, fields }: Decoded,
  counted: (path: string, name: string, field: FieldValue) => FieldValue,
): SunSpecPoint[] {
  const table = FIELD_POINTS.get(id);
  if (table === undefined) return [];
  const isNull = isNullFrame({ id, fields });
  const units = new Map(modelOf(id)!.fields.map(({ name, unit }) => [name, unit ?? null]));
  return Object.entries(table).flatMap(([name, { path, sign }]) => {
    const field = fields[name];
    if (field === undefined) return [];
    const unit = units.get(name)!;
    if (isNull) return [{ path, unit, ...bad(NULL_FRAME) }];
    if (path.startsWith(ENERGY)) return [pointOf(path, unit, counted(path, name, field))];
    return [pointOf(path, unit, sign === undefined ? field : negated(field))];
  });
}

/** The two ways of a signed power as points of their own, neither ever negative. */
export function waysOf(points: readonly SunSpecPoint[], path: string): SunSpecPoint[] {
  const signed = points.find((point) => point.path === path);
  if (signed === undefined) return [];
  const way = (name: string, sign: 1 | -1): SunSpecPoint => ({
    ...signed,
    path: `${path}/${name}`,
    value: signed.value === null ? null : Math.max(0, sign * Number(signed.value)),
  });
  return [way('import', 1), way('export', -1)];
}

/** No grid has 0 V at 0 Hz where an inverter feeds it; one that is off or sleeps may say so. */
export function isNullFrame({ id, fields }: Pick<Decoded, 'id' | 'fields'>): boolean {
  if (!INVERTER_IDS.includes(id) || OFF.includes(stateOf(id, 'St', fields))) return false;
  const shown = ['W', 'Hz', 'PhVphA', 'PhVphB', 'PhVphC'].map((name) => fields[name]?.value ?? null);
  return shown[0] === 0 && shown.every((value) => value === null || value === 0);
}
