import type { Data, Selection } from '../cosem/index.js';

/** A column of a profile (IEC 62056-6-2 §4.3.6, `capture_object_definition`). */
export interface CaptureObject {
  readonly classId: number;
  /** Six octets. */
  readonly name: Uint8Array;
  /** 0 = the whole object. Numbers of makers are kept as they stand, negative ones too. */
  readonly attribute: number;
  /** 0 = the whole attribute; else the element of a structure or array from 1. Default 0. */
  readonly index?: number;
}

/** Which rows of a profile are wanted. */
export type Selector =
  | {
      readonly by: 'range';
      /** The column that `from` and `to` are of, mostly the clock. */
      readonly column: CaptureObject;
      /** Both included. A date-time as an octet string of twelve. */
      readonly from: Data;
      readonly to: Data;
      /** Default all. */
      readonly columns?: readonly CaptureObject[];
    }
  | {
      readonly by: 'entry';
      /** First row, from 1. */
      readonly from: number;
      /** Last row, included; 0 = the last there is. */
      readonly to: number;
      /** Default 1. */
      readonly fromColumn?: number;
      /** Default 0 = the last. */
      readonly toColumn?: number;
    };

const BY_RANGE = 1;
const BY_ENTRY = 2;

const long = (value: number): Data => ({ type: 'long-unsigned', value });
const double = (value: number): Data => ({ type: 'double-long-unsigned', value });
const structure = (...value: Data[]): Data => ({ type: 'structure', value });

/** Throws SMX_PROTOCOL_ENCODE, once it is written, for what no field of it can hold. */
export function selectionOf(selector: Selector): Selection {
  if (selector.by === 'entry') {
    const { from, to, fromColumn = 1, toColumn = 0 } = selector;
    return { selector: BY_ENTRY, parameters: structure(double(from), double(to), long(fromColumn), long(toColumn)) };
  }
  const { column, from, to, columns = [] } = selector;
  const wanted: Data = { type: 'array', value: columns.map(captureData) };
  return { selector: BY_RANGE, parameters: structure(captureData(column), from, to, wanted) };
}

/** Undefined for what is neither of the two. */
export function selectorOf({ selector, parameters }: Selection): Selector | undefined {
  if (parameters.type !== 'structure' || parameters.value.length !== 4) return undefined;
  const [first, second, third, fourth] = parameters.value as readonly [Data, Data, Data, Data];
  if (selector === BY_ENTRY) {
    const [from, to, fromColumn, toColumn] = [first, second, third, fourth].map(wholeNumber);
    if (from === undefined || to === undefined || fromColumn === undefined || toColumn === undefined) return undefined;
    return { by: 'entry', from, to, fromColumn, toColumn };
  }
  const column = captureOf(first);
  if (selector !== BY_RANGE || column === undefined || fourth.type !== 'array') return undefined;
  const columns = fourth.value.map(captureOf);
  return columns.includes(undefined)
    ? undefined
    : { by: 'range', column, from: second, to: third, columns: columns as CaptureObject[] };
}

export function captureData({ classId, name, attribute, index = 0 }: CaptureObject): Data {
  return structure(
    long(classId),
    { type: 'octet-string', value: name },
    { type: 'integer', value: (attribute << 24) >> 24 },
    long(index),
  );
}

/** Undefined for what describes no column. */
export function captureOf(data: Data): CaptureObject | undefined {
  if (data.type !== 'structure' || data.value.length < 3) return undefined;
  const [of, name, attribute, index] = data.value as readonly [Data, Data, Data, Data?];
  const [classId, number] = [wholeNumber(of), wholeNumber(attribute)];
  if (classId === undefined || number === undefined || name.type !== 'octet-string' || name.value.length !== 6)
    return undefined;
  return { classId, name: name.value, attribute: number, index: (index && wholeNumber(index)) ?? 0 };
}

function wholeNumber(data: Data): number | undefined {
  return 'value' in data && typeof data.value === 'number' && Number.isInteger(data.value) ? data.value : undefined;
}
