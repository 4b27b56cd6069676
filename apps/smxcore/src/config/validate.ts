import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { nearest } from '@smx-edge/model';
import type { TSchema } from '@sinclair/typebox';
import type { ConfigDocument } from './document.js';
import { pointerSteps, valueAt } from './pointer.js';
import type { ConfigPath, Problem } from './problem.js';

interface SchemaWords {
  readonly expected?: string;
  readonly keyExpected?: string;
  readonly properties?: Readonly<Record<string, SchemaWords>>;
  readonly type?: string | readonly string[];
}

const compiled = new WeakMap<TSchema, ValidateFunction>();

function compile(schema: TSchema): ValidateFunction {
  let check = compiled.get(schema);
  if (check === undefined) {
    const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
    compiled.set(schema, (check = ajv.addVocabulary(['expected', 'keyExpected']).compile(schema)));
  }
  return check;
}

/** A value in an error text: short, and never what may be a secret. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

type Finding = Omit<Problem, 'file' | 'line' | 'col'> & { key?: boolean };

/** What ajv's error means to who wrote the file; `written` is what stands there, before the environment came in. */
function explain(error: ErrorObject, path: ConfigPath, written: unknown): Finding {
  const schema = error.parentSchema as SchemaWords | undefined;
  const expected = schema?.expected ?? error.message ?? 'another value';
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const known = Object.keys(schema?.properties ?? {});
    const meant = nearest(key, known);
    const hint = schema?.keyExpected ?? `one of ${known.join(', ')}`;
    const wrong =
      schema?.keyExpected !== undefined && known.length === 0 ? `"${key}" is not a legal name` : `unknown key "${key}"`;
    return {
      code: 'SMX_CONFIG_UNKNOWN_KEY',
      path: [...path, key],
      wrong: meant === undefined ? wrong : `${wrong} (did you mean "${meant}"?)`,
      expected: hint,
      key: true,
    };
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty']);
    return {
      code: 'SMX_CONFIG_INVALID',
      path: [...path, key],
      wrong: 'missing',
      expected: schema?.properties?.[key]?.expected ?? 'a value',
    };
  }
  return { code: 'SMX_CONFIG_INVALID', path, wrong: `${valueText(written)} does not fit`, expected };
}

/** Every place where `value`, which is what `document` says with the environment put in, does not fit `schema`. */
export function validate(schema: TSchema, value: unknown, document: ConfigDocument): Problem[] {
  const written = document.value();
  const check = compile(schema);
  if (check(value)) return [];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const error of check.errors ?? []) {
    const path = pointerSteps(error.instancePath, value);
    const { key, ...problem } = explain(error, path, valueAt(written, path));
    const place = key === true ? document.keyPlace(problem.path) : document.place(problem.path);
    // one place, one error: a wrong type also fails the pattern beside it
    const id = JSON.stringify(problem.path);
    if (seen.has(id)) continue;
    seen.add(id);
    problems.push({ ...problem, file: document.file, ...place });
  }
  return problems.sort((a, b) => a.line - b.line || a.col - b.col);
}
