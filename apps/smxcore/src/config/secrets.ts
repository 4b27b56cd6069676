import { SmxError } from '@smx-edge/model';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Puts the environment into `${NAME}` of a text. Throws SMX_CONFIG_SECRET naming the variable, never a value. */
function expand(text: string, env: Environment): string {
  return text.replace(REFERENCE, (_all, name: string) => {
    const value = env[name];
    if (value === undefined) throw new SmxError('SMX_CONFIG_SECRET', `\${${name}} is not set in the environment`);
    return value;
  });
}

/** `expand` on every text of a plain value; what fails is reported by path and left as it stands. */
export function expandAll(
  value: unknown,
  options: {
    env: Environment;
    failed: (path: (string | number)[], error: SmxError) => void;
    path?: (string | number)[];
    /** What `value` stands in. */
    within?: readonly object[];
  },
): unknown {
  const { env, failed, path = [], within = [] } = options;
  if (typeof value === 'string') {
    if (!value.includes('${')) return value;
    try {
      return expand(value, env);
    } catch (error) {
      if (!(error instanceof SmxError)) throw error;
      failed(path, error);
      return value;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  if (within.includes(value)) {
    failed(path, new SmxError('SMX_CONFIG_INVALID', 'an alias stands within the value it stands for'));
    return null;
  }
  const inner = (item: unknown, key: string | number): unknown =>
    expandAll(item, { env, failed, path: [...path, key], within: [...within, value] });
  if (Array.isArray(value)) return value.map(inner);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
}
