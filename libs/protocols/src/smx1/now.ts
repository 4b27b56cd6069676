import { QUALITIES, type PointType, type PointValue, type Quality } from '@smx-edge/model';
import { isObject, isOneOf, isWhole, membersOf } from './members.js';

/** The message `now` of a box: all values that its party gets. */
export interface BoxNow {
  /** When it was made, ms UTC by the clock of that box. */
  readonly t: number;
  /** By path, as they came: `nowSample` says what they are. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is not good, by path. */
  readonly qualities: Readonly<Record<string, unknown>>;
}

export interface NowSample {
  /** Null with quality `good` is known to be so. */
  readonly value: PointValue;
  readonly quality: Quality;
  readonly reason?: string;
}

const LONGEST_TEXT = 4000;
const LONGEST_LIST = 1000;

const FITS: Readonly<Record<PointType, (value: unknown) => boolean>> = {
  number: Number.isFinite,
  string: (value) => typeof value === 'string' && value.length <= LONGEST_TEXT,
  boolean: (value) => typeof value === 'boolean',
  time: Number.isSafeInteger,
  numbers: (value) => Array.isArray(value) && value.length <= LONGEST_LIST && value.every(Number.isFinite),
};

/** Undefined for what is no message of this kind. */
export function decodeNow(text: string): BoxNow | undefined {
  const { t, v, q = {} } = membersOf(text) ?? {};
  return isWhole(t) && isObject(v) && isObject(q) ? { t, values: v, qualities: q } : undefined;
}

/**
 * What the message says of a point; undefined where it is silent. A value of another type is null and `bad`, never a number made
 * of it; so is the quality of a word that is none.
 */
export function nowSample({ values, qualities }: BoxNow, path: string, type: PointType): NowSample | undefined {
  if (!Object.hasOwn(values, path)) return undefined;
  const value = values[path];
  const said = Object.hasOwn(qualities, path) ? qualities[path] : 'good';
  const quality = isOneOf(QUALITIES, said) ? said : 'bad';
  if (value === null) return { value: null, quality };
  if (!FITS[type](value)) return { value: null, quality: 'bad', reason: `what came is not of type ${type}` };
  return { value: value as PointValue, quality, ...(quality !== said && { reason: 'its quality is not known' }) };
}
