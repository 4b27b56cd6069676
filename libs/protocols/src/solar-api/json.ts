/** An object as `JSON.parse` gives it: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member where it is an object, else one without members. */
export function objectAt(data: JsonObject, key: string): JsonObject {
  const value = data[key];
  return isObject(value) ? value : {};
}

/** The members that are objects, by their key, through `decode`. */
export function mapObjects<T>(data: JsonObject, decode: (value: JsonObject, key: string) => T): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const [key, value] of Object.entries(data)) if (isObject(value)) map.set(key, decode(value, key));
  return map;
}

/** A safe integer, or undefined. */
export function integerAt(data: JsonObject, key: string): number | undefined {
  const value = data[key];
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** A yes or no; firmwares write `true` or `1`. Undefined for anything else. */
export function flagAt(data: JsonObject, key: string): boolean | undefined {
  const value = data[key];
  if (value === true || value === 1) return true;
  return value === false || value === 0 ? false : undefined;
}

/** `source` without the members that are undefined. */
export function present<T extends object>(source: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined)) as never;
}
