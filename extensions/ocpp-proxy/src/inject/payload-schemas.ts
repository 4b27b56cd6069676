import { nearest } from '@smx-edge/model';
import type { OcppVersion } from '@smx-edge/protocols/ocpp-j';
import { createValidator, type Validator } from 'ocpp-rpc/lib/validator.js';

/** A schema of the OCA for one payload. */
interface PayloadSchema {
  readonly $id: string;
}

/** What ajv says of a payload that does not fit. */
interface Misfit {
  readonly instancePath: string;
  readonly keyword: string;
  /** Value of the keyword. */
  readonly schema?: unknown;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Of requests; 2.1 names them otherwise. */
const REQUEST = /^urn:(\w+?)(?:\.req|Request)$/;
/** Those of a version are read once they are needed: all of them are a megabyte. */
const SCHEMAS: Readonly<Record<OcppVersion, () => Promise<{ readonly default: readonly PayloadSchema[] }>>> = {
  '1.6': () => import('ocpp-rpc/lib/schemas/ocpp1_6.json'),
  '2.0.1': () => import('ocpp-rpc/lib/schemas/ocpp2_0_1.json'),
  '2.1': () => import('ocpp-rpc/lib/schemas/ocpp2_1.json'),
};
/** What one version calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = {
  GetConfiguration: 'GetVariables',
  ChangeConfiguration: 'SetVariables',
  RemoteStartTransaction: 'RequestStartTransaction',
  RemoteStopTransaction: 'RequestStopTransaction',
  GetDiagnostics: 'GetLog',
};

const validators = new Map<string, Validator>();

/** By action. */
async function requestsOf(version: OcppVersion): Promise<ReadonlyMap<string, PayloadSchema>> {
  const { default: schemas } = await SCHEMAS[version]();
  return new Map(
    schemas.flatMap((schema) => {
      const action = REQUEST.exec(schema.$id)?.[1];
      return action === undefined ? [] : [[action, schema] as const];
    }),
  );
}

function validatorOf(version: OcppVersion, schema: PayloadSchema): Validator {
  const key = `${version} ${schema.$id}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const validator = createValidator(version, [schema]);
  // it would tell on stderr of what the schemas themselves lack
  validator._ajv.opts.strictTypes = false;
  // what was expected is told too
  validator._ajv.opts.verbose = true;
  validators.set(key, validator);
  return validator;
}

/** Why a charge point of `version` is not to get this, in words that say where and what; undefined: nothing is wrong with it. */
export async function misfit(version: OcppVersion, action: string, payload: object): Promise<string | undefined> {
  const requests = await requestsOf(version);
  const schema = requests.get(action);
  if (schema === undefined) {
    const meant = otherName(action, requests) ?? nearest(action, [...requests.keys()]);
    return `OCPP ${version} has no ${action}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  }
  try {
    await validatorOf(version, schema).validate(schema.$id, payload);
    return undefined;
  } catch (error) {
    const [first] = (error as { readonly details?: { readonly errors?: readonly Misfit[] } }).details?.errors ?? [];
    if (first === undefined) throw error;
    return `${wordsOf(first)}, by the schema of ${action} in OCPP ${version}`;
  }
}

function otherName(action: string, known: ReadonlyMap<string, unknown>): string | undefined {
  const pairs = Object.entries(RENAMED);
  return pairs.flat().find((name) => known.has(name) && pairs.some((pair) => pair.includes(name) && pair.includes(action))); // prettier-ignore
}

function wordsOf({ instancePath, keyword, schema, message = 'does not fit', params }: Misfit): string {
  const place = instancePath.slice(1).replaceAll('/', '.');
  const where = place === '' ? 'the payload' : place;
  if (keyword === 'enum') return `${where} must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
  if (keyword === 'multipleOf') return `${where} must be a multiple of ${String(schema)}`;
  if (keyword === 'additionalProperties') return `${where} must not have ${String(params['additionalProperty'])}`;
  if (keyword === 'required') return `${where} must have ${String(params['missingProperty'])}`;
  return `${where} ${message}`;
}
