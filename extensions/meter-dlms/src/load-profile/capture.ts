import { SmxError, type ProfileColumn } from '@smx-edge/model';
import { nameText, type Data } from '@smx-edge/protocols/cosem';
import type { Selector } from '@smx-edge/protocols/dlms';
import type { Catalogue } from '../objects/catalogue.js';
import { nameOctets, readOne, type Session } from '../objects/session.js';
import { CLASS, scalerAttribute, type MeterObject } from '../objects/meter-object.js';
import { unitOf } from '../points/units.js';

/** What a column of a profile's buffer is. */
export type Column =
  | { readonly kind: 'clock' }
  | { readonly kind: 'status' }
  | { readonly kind: 'value'; readonly column: ProfileColumn; readonly scaler: number };

export interface Capture {
  readonly columns: readonly Column[];
  /** ms between rows; 0 where they come when something happens. */
  readonly period: number;
  /** Clock object of the meter, by which ranges are asked for. */
  readonly clock: MeterObject;
}

/** Objects named 96.10.x are status words of profiles (IEC 62056-61 §5.6.5). */
const STATUS = /^\d+-\d+:96\.10\./;
const MOST_COLUMNS = 64;

/** What a load profile holds (Blue Book §4.3.6, attributes 3 and 4). Rejects SMX_METER_OBJECT where it holds no clock. */
export async function captureOf(
  session: Session,
  { profile, catalogue, clock, list }: CaptureOptions,
): Promise<Capture> {
  const objects = capturedObjects(await readOne(session, { object: profile, attribute: 3 }));
  const period = await readOne(session, { object: profile, attribute: 4 });
  if (objects.length === 0 || objects.length > MOST_COLUMNS)
    throw new SmxError('SMX_METER_OBJECT', `The load profile ${profile.obis} names no columns that can be read`);
  const registers = objects.flatMap(({ obis, attribute }) => {
    const object = attribute === 2 ? catalogue.find(obis) : undefined;
    return object !== undefined && scalerAttribute(object.classId) !== undefined ? [object] : [];
  });
  await catalogue.learnUnits(session, registers, list);
  const seconds = 'value' in period && typeof period.value === 'number' ? period.value : 0;
  return { columns: objects.map((object) => columnOf(object, catalogue)), period: seconds * 1000, clock };
}

export interface CaptureOptions {
  readonly profile: MeterObject;
  readonly catalogue: Catalogue;
  readonly clock: MeterObject;
  readonly list: number;
}

interface Captured {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

/** Class, name, attribute and index; attributes of the makers (11, 18 …) stay as they are. */
function capturedObjects(data: Data): Captured[] {
  if (data.type !== 'array' && data.type !== 'compact-array') return [];
  return data.value.flatMap((entry): Captured[] => {
    if (entry.type !== 'structure') return [];
    const [classId, name, attribute] = entry.value;
    if (name?.type !== 'octet-string' || name.value.length !== 6) return [];
    const number = (one: Data | undefined): number => (one !== undefined && 'value' in one ? Number(one.value) : NaN);
    return [{ classId: number(classId), obis: nameText(name.value), attribute: number(attribute) }];
  });
}

function columnOf({ classId, obis, attribute }: Captured, catalogue: Catalogue): Column {
  if (classId === CLASS.clock) return { kind: 'clock' };
  if (STATUS.test(obis)) return { kind: 'status' };
  const scale = attribute === 2 ? catalogue.unit(obis) : undefined;
  const unit = scale === undefined ? undefined : unitOf(scale.code);
  // where the unit is not known the number stands as the meter holds it
  const isScaled = scale !== undefined && unit !== undefined;
  return {
    kind: 'value',
    column: { obis, unit: isScaled ? unit : null, ...(isScaled && { scaler: scale.scaler }) },
    scaler: isScaled ? scale.scaler : 0,
  };
}

/** The rows whose clock lies in this range, both ends in it (Blue Book §4.3.6, `range_descriptor`). */
export function rangeOf(clock: MeterObject, from: Uint8Array, to: Uint8Array): Selector {
  return {
    by: 'range',
    column: { classId: clock.classId, name: nameOctets(clock.obis), attribute: 2 },
    from: { type: 'octet-string', value: from },
    to: { type: 'octet-string', value: to },
  };
}
