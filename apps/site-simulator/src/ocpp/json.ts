/** An object as `JSON.parse` gives it: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectOf = (data: JsonObject, key: string): JsonObject => {
  const value = data[key];
  return isObject(value) ? value : {};
};

export const listOf = (data: JsonObject, key: string): readonly JsonObject[] => {
  const value = data[key];
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
};

export const textOf = (data: JsonObject, key: string): string | undefined => {
  const value = data[key];
  return typeof value === 'string' ? value : undefined;
};

export const numberOf = (data: JsonObject, key: string): number | undefined => {
  const value = data[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

export const wholeOf = (data: JsonObject, key: string): number | undefined => {
  const value = numberOf(data, key);
  return Number.isSafeInteger(value) ? value : undefined;
};

/** ms UTC. */
export const timeOf = (data: JsonObject, key: string): number | undefined => {
  const t = Date.parse(textOf(data, key) ?? '');
  return Number.isNaN(t) ? undefined : t;
};

export const iso = (t: number): string => new Date(t).toISOString();
