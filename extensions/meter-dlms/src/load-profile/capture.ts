import { SmxError, type ProfileColumn } from '@smx-edge/model';
import { nameText, type Data } from '@smx-edge/protocols/cosem';
import { captureOf, type CaptureObject, type Selector } from '@smx-edge/protocols/dlms';
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
  /** As the meter names them, one for each column. */
  readonly captured: readonly CaptureObject[];
  readonly columns: readonly Column[];
  /** ms between rows; 0 where they come when something happens. */
  readonly period: number;
  /** Clock object of the meter, by which ranges are asked for. */
  readonly clock: MeterObject;
}

/** Objects named 96.10.x are status words of profiles (IEC 62056-61 §5.6.5). */
const STATUS = /^\d+-\d+:96\.10\./;
/** Landis+Gyr ZMD keeps its EDIS status in attributes of its own, 18 in load profiles (OSGP and EnergyICT readers of it). */
const MAKER_STATUS = /^0-0:96\.240\.12$/;
const MOST_COLUMNS = 64;

/** What a load profile holds (Blue Book §4.3.6, attributes 3 and 4). Rejects SMX_METER_OBJECT where it holds no clock. */
export async function learnCapture(
  session: Session,
  { profile, catalogue, clock, list }: CaptureOptions,
): Promise<Capture> {
  const captured = capturedOf(await readOne(session, { object: profile, attribute: 3 }));
  const period = await readOne(session, { object: profile, attribute: 4 });
  if (captured.length === 0 || captured.length > MOST_COLUMNS)
    throw new SmxError('SMX_METER_OBJECT', `The load profile ${profile.obis} names no columns that can be read`);
  const registers = captured.flatMap(({ name, attribute }) => {
    const object = attribute === 2 ? catalogue.find(nameText(name)) : undefined;
    return object !== undefined && scalerAttribute(object.classId) !== undefined ? [object] : [];
  });
  await catalogue.learnUnits(session, registers, list);
  const seconds = 'value' in period && typeof period.value === 'number' ? period.value : 0;
  return { captured, columns: captured.map((one) => columnOf(one, catalogue)), period: seconds * 1000, clock };
}

export interface CaptureOptions {
  readonly profile: MeterObject;
  readonly catalogue: Catalogue;
  readonly clock: MeterObject;
  readonly list: number;
}

/** Attributes of the makers (11, 18 …) stay as they are. */
function capturedOf(data: Data): CaptureObject[] {
  if (data.type !== 'array' && data.type !== 'compact-array') return [];
  const found = data.value.map(captureOf);
  return found.every((one) => one !== undefined) ? found : [];
}

function columnOf({ classId, name, attribute }: CaptureObject, catalogue: Catalogue): Column {
  const obis = nameText(name);
  if (classId === CLASS.clock) return { kind: 'clock' };
  if (STATUS.test(obis) || (attribute !== 2 && MAKER_STATUS.test(obis))) return { kind: 'status' };
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
