type Schema = Readonly<Record<string, unknown>>;

/** A text or number of a config, with every schema that speaks of its place. */
export interface Leaf {
  readonly value: string | number;
  readonly path: readonly (string | number)[];
  readonly schemas: readonly Schema[];
}

/** Nobody nests a config deeper than this. */
const DEEPEST = 32;

/** Rebuilds a config with `change` put on each of its texts and numbers. */
export function mapLeaves(schema: unknown, value: unknown, change: (leaf: Leaf) => unknown): unknown {
  const walk = (at: unknown, schemas: readonly Schema[], path: readonly (string | number)[]): unknown => {
    if (typeof at === 'string' || typeof at === 'number') return change({ value: at, path, schemas });
    if (typeof at !== 'object' || at === null || path.length > DEEPEST) return at;
    const below = (pick: (schema: Schema) => unknown): Schema[] =>
      schemas.flatMap((parent) => branches(pick(parent), schema));
    if (Array.isArray(at))
      return at.map((item, i) =>
        walk(
          item,
          below(({ items }) => items),
          [...path, i],
        ),
      );
    return Object.fromEntries(
      Object.entries(at).map(([key, item]) => [
        key,
        walk(
          item,
          below((parent) => propertyOf(parent, key)),
          [...path, key],
        ),
      ]),
    );
  };
  return walk(value, branches(schema, schema), []);
}

/** Whether a schema marks the leaf with `format`. */
export function hasFormat({ schemas }: Leaf, format: string): boolean {
  return schemas.some((schema) => schema['format'] === format);
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function propertyOf({ properties, additionalProperties }: Schema, key: string): unknown {
  return isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
}

/** A schema with what it refers to and all that it chooses from. */
function branches(schema: unknown, root: unknown, seen = new Set<Schema>()): Schema[] {
  if (!isSchema(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const choices = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const branch = schema[key];
    return Array.isArray(branch) ? (branch as unknown[]) : [];
  });
  return [schema, ...[referred(root, schema['$ref']), ...choices].flatMap((branch) => branches(branch, root, seen))];
}

/** The part of a schema that a local `$ref` names. */
function referred(root: unknown, ref: unknown): unknown {
  if (ref === '#') return root;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return undefined;
  let at = root;
  for (const part of ref.slice(2).split('/')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}
