/** An object as `JSON.parse` gives it: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list; none where it is no list. */
export const objectsAt = (data: JsonObject, key: string): readonly JsonObject[] => {
  const list = data[key];
  return Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
};

export const objectAt = (data: JsonObject, key: string): JsonObject => {
  const value = data[key];
  return isObject(value) ? value : {};
};

/** A text that says something. */
export const textAt = (data: JsonObject, key: string): string | undefined => {
  const value = data[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const LONGEST_WORD = 255;

/** A text as long as names, ids and reasons are (the longest of OCPP has 255 characters); undefined for a longer one. */
export const wordAt = (data: JsonObject, key: string): string | undefined => {
  const text = textAt(data, key);
  return text === undefined || text.length > LONGEST_WORD ? undefined : text;
};

/** A safe integer, also where it was written as text: some stations and back ends do. */
export const integerAt = (data: JsonObject, key: string): number | undefined => {
  const value = data[key];
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
};

const STAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const ZONED = /(Z|[+-]\d\d:?\d\d)$/i;

/**
 * ms UTC of a dateTime with any number of fractional digits; without an offset it is UTC (stations write it both ways).
 * Undefined for what is none.
 */
export const timeAt = (data: JsonObject, key: string): number | undefined => {
  const text = textAt(data, key)?.trim();
  if (text === undefined || !STAMP.test(text)) return undefined;
  const t = Date.parse(ZONED.test(text) ? text : `${text}Z`);
  return Number.isNaN(t) ? undefined : Math.trunc(t);
};
