import { nameText, type Data } from '@smx-edge/protocols/cosem';
import { captureOf } from '@smx-edge/protocols/dlms';
import { CLASS, scalerAttribute } from '../objects/meter-object.js';
import { scalerUnitOf, type ScalerUnit } from '../objects/values.js';

/** What one element of a push is of. */
export interface PushObject {
  /** 0 where it is not known, as of one the config names. */
  readonly classId: number;
  readonly obis: string;
  /** 0 = the whole object. */
  readonly attribute: number;
  /** Where the config or the meter said it before. */
  readonly scale?: ScalerUnit | undefined;
}

/** A value of a push, and its scaler and unit where the push or the config says them. */
export interface Pushed {
  readonly obis: string;
  readonly data: Data;
  readonly scale?: ScalerUnit | undefined;
}

export interface Push {
  readonly values: readonly Pushed[];
  /** The meter's clock, where it is one of the elements. */
  readonly clock?: Data | undefined;
}

/** The list of a Push Setup (Blue Book §4.4.8, attribute 2). Undefined where it is none. */
export function pushList(data: Data): PushObject[] | undefined {
  if (data.type !== 'array' && data.type !== 'compact-array') return undefined;
  const found = data.value.map(captureOf);
  if (found.length === 0 || !found.every((one) => one !== undefined)) return undefined;
  return found.map(({ classId, name, attribute }) => ({ classId, obis: nameText(name), attribute }));
}

/**
 * What the body of a push says: element by element as `objects` tells, or, without them, of elements that name themselves with
 * value, scaler and unit. Undefined where it is neither: a value may not be taken for another's.
 */
export function pushOf(body: Data, objects: readonly PushObject[] | undefined): Push | undefined {
  if (body.type !== 'structure' && body.type !== 'array') return undefined;
  const elements = body.value;
  if (objects === undefined) {
    const values = elements.flatMap((element) => whole(element) ?? []);
    return values.length === 0 ? undefined : { values };
  }
  if (elements.length !== objects.length) return undefined;
  const scales = new Map<string, ScalerUnit>();
  for (const [i, { classId, obis, attribute }] of objects.entries()) {
    const scale = attribute > 2 && attribute === scalerAttribute(classId) ? scalerUnitOf(elements[i]!) : undefined;
    if (scale !== undefined) scales.set(obis, scale);
  }
  const values = objects.flatMap(({ classId, obis, attribute, scale }, i): Pushed[] => {
    if (classId === CLASS.clock) return [];
    if (attribute === 0) return whole(elements[i]!) ?? [];
    return attribute === 2 ? [{ obis, data: elements[i]!, scale: scales.get(obis) ?? scale }] : [];
  });
  const clock = objects.findIndex(({ classId, attribute }) => classId === CLASS.clock && attribute === 2);
  return { values, clock: elements[clock] };
}

/** A register as a whole: its name, its value, its scaler and unit. */
function whole(data: Data): [Pushed] | undefined {
  if (data.type !== 'structure') return undefined;
  const [name, value, scale] = data.value;
  if (name?.type !== 'octet-string' || name.value.length !== 6 || value === undefined) return undefined;
  return [{ obis: nameText(name.value), data: value, scale: scale && scalerUnitOf(scale) }];
}
