/** The values of a config that its schema marks with `format: secret`, of at least four characters. */
export function secretsOf(schema: unknown, value: unknown): string[] {
  const found = new Set<string>();
  collect(schema, { root: schema, value, found, depth: 0 });
  return [...found].sort((a, b) => b.length - a.length);
}

interface Place {
  readonly root: unknown;
  readonly value: unknown;
  readonly found: Set<string>;
  readonly depth: number;
}

/** The part of a schema that a local `$ref` names. */
function referred(root: unknown, ref: unknown): unknown {
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return undefined;
  let at = root;
  for (const part of ref.slice(2).split('/')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

function collect(schema: unknown, at: Place): void {
  const { value, found, depth } = at;
  if (typeof schema !== 'object' || schema === null || depth > 32) return;
  const s = schema as Record<string, unknown>;
  if (s['format'] === 'secret' && (typeof value === 'string' || typeof value === 'number')) {
    if (String(value).length >= 4) found.add(String(value));
  }
  if (s['$ref'] !== undefined) collect(referred(at.root, s['$ref']), { ...at, depth: depth + 1 });
  for (const choice of ['anyOf', 'oneOf', 'allOf'])
    for (const branch of Array.isArray(s[choice]) ? (s[choice] as unknown[]) : [])
      collect(branch, { ...at, depth: depth + 1 });
  if (Array.isArray(value)) for (const item of value) collect(s['items'], { ...at, value: item, depth: depth + 1 });
  else if (typeof value === 'object' && value !== null) {
    const properties = (s['properties'] ?? {}) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value))
      collect(Object.hasOwn(properties, key) ? properties[key] : s['additionalProperties'], {
        ...at,
        value: item,
        depth: depth + 1,
      });
  }
}

/** Replaces every secret in a text. */
export function masker(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** A plain value with every text in it masked, keys too; what is nested deeper than 20 levels is left out. */
export function maskValue(value: unknown, mask: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return mask(value);
  // a secret may be a number
  if (typeof value === 'number') return mask(String(value)) === String(value) ? value : '***';
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 20) return '…';
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskValue(item, mask, depth + 1)]));
}
