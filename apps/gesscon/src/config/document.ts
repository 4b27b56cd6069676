import { readFileSync } from 'node:fs';
import { describeError, nearest, SmxError, type ErrorDetail } from '@smx-edge/model';
import Ajv, { type ErrorObject } from 'ajv';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { ConfigSchema, type RawConfig } from './schema.js';

const ajv = new Ajv({ allErrors: true, verbose: true, strict: true }).addVocabulary(['expected']);
const fits = ajv.compile<RawConfig>(ConfigSchema);

interface Words {
  readonly expected?: string;
  readonly properties?: Readonly<Record<string, Words>>;
}

/** What one error of ajv means to who wrote the file, and the path where it is. */
function explain(error: ErrorObject): { readonly path: string[]; readonly wrong: string; readonly expected: string } {
  const schema = error.parentSchema as Words | undefined;
  const path = error.instancePath.split('/').slice(1);
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const known = Object.keys(schema?.properties ?? {});
    const meant = nearest(key, known);
    const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
    return { path: [...path, key], wrong: `unknown key${hint}`, expected: `one of ${known.join(', ')}` };
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty']);
    return { path: [...path, key], wrong: 'missing', expected: schema?.properties?.[key]?.expected ?? 'a mapping' };
  }
  return { path, wrong: 'does not fit', expected: schema?.expected ?? error.message ?? 'another value' };
}

/**
 * Reads the config file by its schema. Throws SMX_CONFIG_UNREADABLE, _SYNTAX or _INVALID; the message has a line
 * `file:line:col path: what is wrong, expected …` for each problem.
 */
export function readDocument(file: string): RawConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} cannot be read (${describeError(error)})`, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new SmxError('SMX_CONFIG_SYNTAX', `${place(broken.pos[0])} ${broken.message}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (fits(value)) return value;
  const details: ErrorDetail[] = [];
  const problems = (fits.errors ?? []).map((error) => {
    const { path, wrong, expected } = explain(error);
    details.push({ path: path.join('.'), expected });
    let node: unknown;
    for (let length = path.length; length >= 0 && !isNode(node); length--)
      node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const at = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return `${place(at)} ${path.join('.')}: ${wrong}, expected ${expected}`;
  });
  throw new SmxError('SMX_CONFIG_INVALID', problems.join('\n'), { details });
}
