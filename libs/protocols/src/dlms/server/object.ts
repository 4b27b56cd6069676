import type { Data, GetResult, Selection } from '../../cosem/index.js';

/** Data-Access-Results a meter gives of its objects. */
export const DENIED = 3;
export const UNDEFINED = 4;
export const UNMATCHED = 12;

/** One object of a meter: its attributes as they are when they are asked for. */
export interface MeterObject {
  readonly classId: number;
  readonly version: number;
  /** Six octets. */
  readonly name: Uint8Array;
  /** First short name, of meters that have them. */
  readonly baseName?: number;
  /** Highest attribute. */
  readonly attributes: number;
  read(attribute: number, selection?: Selection): GetResult;
}

export interface ObjectName {
  readonly name: Uint8Array;
  readonly baseName?: number;
  /** Default 0. */
  readonly version?: number;
}

/** Values of the attributes from the second on; the first is the name. One that is undefined may not be read. */
export type AttributeValues = readonly ((() => Data) | Data | undefined)[];

export function meterObject(classId: number, at: ObjectName, values: AttributeValues): MeterObject {
  const { name, version = 0 } = at;
  return {
    ...{ classId, version, name, attributes: values.length + 1 },
    ...(at.baseName === undefined ? {} : { baseName: at.baseName }),
    read(attribute, selection) {
      if (attribute === 1) return { data: { type: 'octet-string', value: name } };
      if (!Number.isInteger(attribute) || attribute < 1 || attribute > values.length + 1) return { error: UNDEFINED };
      if (selection !== undefined) return { error: UNMATCHED };
      const value = values[attribute - 2];
      if (value === undefined) return { error: DENIED };
      return { data: typeof value === 'function' ? value() : value };
    },
  };
}
