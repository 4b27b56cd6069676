import { parseObis, SmxError } from '@smx-edge/model';
import { accessResultText, encodeName, shortName, type Data, type GetResult } from '@smx-edge/protocols/cosem';
import type { Reading, Selector } from '@smx-edge/protocols/dlms';
import { isAttribute, type MeterObject } from './meter-object.js';

/** An attribute to be read, whole or in part. */
export interface Attribute {
  readonly object: MeterObject;
  readonly attribute: number;
  readonly selector?: Selector;
}

/** All that the reader asks of a meter: it can read, and nothing else. */
export interface Session {
  /**
   * The values in the order asked, each for itself a value or the meter's reason for none. Rejects with SMX_PROTOCOL_APDU where
   * the answer was not usable and the next may be; with any other code the association is over.
   */
  read(list: readonly Attribute[]): Promise<readonly GetResult[]>;
}

/** One value. Rejects also with SMX_METER_OBJECT, where the meter gives a reason in its place. */
export async function readOne(session: Session, attribute: Attribute): Promise<Data> {
  const [result] = await session.read([attribute]);
  if (result !== undefined && 'data' in result) return result.data;
  const { obis } = attribute.object;
  const why = result === undefined ? 'no answer' : accessResultText(result.error);
  throw new SmxError('SMX_METER_OBJECT', `The meter gives no attribute ${attribute.attribute} of ${obis}: ${why}`);
}

/** By short name where the object has one. Throws SMX_METER_OBJECT for what may be a method there. */
export function readingOf({ object, attribute, selector }: Attribute): Reading {
  const rest = selector === undefined ? {} : { selector };
  if (object.base !== undefined && !isAttribute(object.classId, attribute))
    throw new SmxError('SMX_METER_OBJECT', `${object.obis} is of class ${object.classId}, which is not read by short names`); // prettier-ignore
  if (object.base !== undefined) return { shortName: shortName(object.base, attribute), ...rest };
  return { classId: object.classId, name: nameOctets(object.obis), attribute, ...rest };
}

/** The six octets of an OBIS code; of one that is none the name no object has. */
export function nameOctets(obis: string): Uint8Array {
  const code = parseObis(obis);
  return code === undefined ? new Uint8Array(6) : encodeName(code);
}
