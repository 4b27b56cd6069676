import { durationMs, nearest, sizeBytes, type ErrorDetail } from '@smx-edge/model';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

const parses = (parse: (text: string) => number) => (text: string) => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};

/** One compiler for all schemas of the host. `secret` marks keys and passwords; it checks nothing. */
function newAjv(): Ajv {
  return new Ajv({
    allErrors: true,
    useDefaults: true,
    strict: false,
    verbose: true,
    validateSchema: true,
    formats: {
      secret: true,
      uri: true,
      source: true,
      hostname: true,
      duration: { type: 'string', validate: parses(durationMs) },
      size: { type: 'string', validate: parses(sizeBytes) },
    },
    logger: false,
  });
}

/** Compiles a JSON Schema. Throws what ajv throws where it is not one. */
export function validator(schema: object): ValidateFunction {
  // schemas come from packages and may share an $id, so each has a compiler of its own
  return newAjv().compile(draftless(schema));
}

const compiled = new WeakMap<object, ValidateFunction>();

/** The compiled schema, kept for as long as the schema is. */
export function validatorOf(schema: object): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) compiled.set(schema, (validate = validator(schema)));
  return validate;
}

/** ajv's plain build knows draft 07; a schema that only names a newer draft is taken as it is. */
function draftless(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}

/**
 * What is wrong with `value`, each with its path (`a.b.0`) and what was expected there: in the words of the schema where it has
 * `expected` beside what does not fit. Fills in defaults.
 */
export function schemaDetails(validate: ValidateFunction, value: unknown): ErrorDetail[] {
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // a failed branch of a choice is told by the choice, a failed condition by what it asks for
  const choices = errors
    .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
    .map(({ schemaPath }) => schemaPath);
  const own = errors.filter(({ schemaPath }) => !choices.some((path) => schemaPath.startsWith(`${path}/`)));
  // what is wrong with a name is told of that name
  return unique(own.filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames').map(detail));
}

/** What these find wrong is a key of what the schema speaks of, and is told of that key. */
const OF_KEYS = new Set(['additionalProperties', 'required']);

function detail(error: ErrorObject): ErrorDetail {
  const parts = error.instancePath.split('/').slice(1).map(unescape);
  if (error.propertyName !== undefined) parts.push(error.propertyName);
  const params = error.params as Record<string, unknown>;
  const inside = (key: unknown): string => [...parts, String(key)].join('.');
  const said = error.parentSchema?.['expected'] as unknown;
  if (typeof said === 'string' && !OF_KEYS.has(error.keyword)) return { path: parts.join('.'), expected: said };
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      return { path: inside(key), expected: unknownKey(key, known) };
    }
    case 'required':
      return { path: inside(params['missingProperty']), expected: 'a value; this key is required' };
    case 'enum':
      return {
        path: parts.join('.'),
        expected: `one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`,
      };
    case 'const':
      return { path: parts.join('.'), expected: `exactly ${JSON.stringify(params['allowedValue'])}` };
    case 'type':
      return { path: parts.join('.'), expected: `a value of type ${[params['type']].flat().join(' or ')}` };
    case 'format':
      return { path: parts.join('.'), expected: `a text of format ${String(params['format'])}` };
    case 'pattern':
      return { path: parts.join('.'), expected: `a text that matches ${String(params['pattern'])}` };
    default:
      return { path: parts.join('.'), expected: error.message ?? error.keyword };
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== undefined) return `no such key; did you mean "${near}"?`;
  return known.length === 0 ? 'no keys here' : `no such key; there are ${known.join(', ')}`;
}

const unescape = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

function unique(details: readonly ErrorDetail[]): ErrorDetail[] {
  const seen = new Set<string>();
  return details.filter(({ path, expected }) => {
    const key = `${path}\n${expected}`;
    return !seen.has(key) && seen.add(key);
  });
}
