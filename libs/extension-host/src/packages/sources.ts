import { absoluteSource, parseSource, sourceFiles } from '@smx-edge/extension-api/source';
import { isSmxError, type ErrorDetail } from '@smx-edge/model';
import { hasFormat, mapLeaves, type Leaf } from './leaves.js';

/** `format: source` marks a source, `kinds` beside it which ones; the key `source` is one where its schema says nothing else of it. */
function sourceOf(leaf: Leaf): string | undefined {
  const { value, path, schemas } = leaf;
  if (typeof value !== 'string') return undefined;
  if (hasFormat(leaf, 'source')) return value;
  const isFree = schemas.every((schema) => !('format' in schema || 'enum' in schema || 'const' in schema));
  return path.at(-1) === 'source' && isFree ? value : undefined;
}

/** Kinds of source that every schema of its place takes; undefined = any. */
function kindsOf({ schemas }: Leaf): readonly unknown[] | undefined {
  const named: readonly unknown[][] = schemas.map(({ kinds }) => kinds).filter(Array.isArray);
  return named.length === 0 ? undefined : named.reduce((a, b) => a.filter((kind) => b.includes(kind)));
}

/** What is wrong with the sources of a config; paths are below the config. */
export function sourceFaults(schema: object | undefined, config: unknown): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  mapLeaves(schema, config, (leaf) => {
    const source = sourceOf(leaf);
    if (source === undefined) return leaf.value;
    try {
      const { kind } = parseSource(source);
      const kinds = kindsOf(leaf);
      if (kinds?.includes(kind) === false)
        faults.push({
          path: leaf.path.join('.'),
          expected: `a source of kind ${kinds.join(', ')}; this extension does not speak ${kind}`,
        });
    } catch (error) {
      if (!isSmxError(error)) throw error;
      faults.push({ path: leaf.path.join('.'), expected: error.details[0]?.expected ?? error.message });
    }
    return source;
  });
  return faults;
}

/** The config with the relative paths of its sources counted from `folder`; a source that is none stays as it is. */
export function absoluteSources(
  schema: object | undefined,
  { config, folder }: { config: unknown; folder: string },
): unknown {
  return mapLeaves(schema, config, (leaf) => {
    const source = sourceOf(leaf);
    return source === undefined || !isSource(source) ? leaf.value : absoluteSource(source, folder);
  });
}

/** Files that the sources of a config read: naming one lets the instance read that file. */
export function filesOfSources(schema: object | undefined, config: unknown): string[] {
  const files = new Set<string>();
  mapLeaves(schema, config, (leaf) => {
    const source = sourceOf(leaf);
    if (source !== undefined && isSource(source)) for (const file of sourceFiles(source)) files.add(file);
    return leaf.value;
  });
  return [...files];
}

function isSource(text: string): boolean {
  try {
    parseSource(text);
    return true;
  } catch (error) {
    if (!isSmxError(error)) throw error;
    return false;
  }
}
