import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SmxError, describeError } from '@smx-edge/model';

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
  },
): unknown {
  const { env, failed, path = [] } = options;
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
  if (Array.isArray(value)) return value.map((item, i) => expandAll(item, { env, failed, path: [...path, i] }));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expandAll(item, { env, failed, path: [...path, key] })]),
    );
  return value;
}

/** The secret a `file:PATH` names, without its line end; other texts are the secret itself. Throws SMX_CONFIG_SECRET. */
function readSecret(text: string, folder: string): string {
  if (!text.startsWith('file:')) return text;
  const file = resolve(folder, text.slice('file:'.length));
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new SmxError('SMX_CONFIG_SECRET', `the secret file ${file} cannot be read (${describeError(error)})`, {
      cause: error,
    });
  }
}

interface SecretSchema {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SecretSchema>>;
  readonly items?: SecretSchema;
  readonly additionalProperties?: SecretSchema | boolean;
}

/** Replaces `file:` references in the places that a schema marks `format: secret`; elsewhere `file:` is a source. */
export function readSecrets(
  value: unknown,
  options: {
    schema: unknown;
    folder: string;
    failed: (path: (string | number)[], error: SmxError) => void;
    path?: (string | number)[];
  },
): unknown {
  const { folder, failed, path = [] } = options;
  if (typeof options.schema !== 'object' || options.schema === null) return value;
  const schema = options.schema as SecretSchema;
  if (typeof value === 'string') {
    if (schema.format !== 'secret') return value;
    try {
      return readSecret(value, folder);
    } catch (error) {
      if (!(error instanceof SmxError)) throw error;
      failed(path, error);
      return value;
    }
  }
  if (Array.isArray(value))
    return value.map((item, i) => readSecrets(item, { schema: schema.items, folder, failed, path: [...path, i] }));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const below = schema.properties?.[key] ?? schema.additionalProperties;
      return [key, readSecrets(item, { schema: below, folder, failed, path: [...path, key] })];
    }),
  );
}
