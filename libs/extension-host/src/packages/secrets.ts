import { hasFormat, mapLeaves } from './leaves.js';

/** The values of a config that its schema marks with `format: secret`, of at least four characters. */
export function secretsOf(schema: unknown, value: unknown): string[] {
  const found = new Set<string>();
  mapLeaves(schema, value, (leaf) => {
    const text = String(leaf.value);
    if (hasFormat(leaf, 'secret') && text.length >= 4) found.add(text);
    return leaf.value;
  });
  return [...found].sort((a, b) => b.length - a.length);
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
