import { OPERATIONS, QUERY, type Operation } from '../http/operations.js';
import { SCHEMAS } from './schemas.js';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: unknown };
}

const refTo = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });

function answerSchema(name: string): unknown {
  return name.endsWith('[]') ? { type: 'array', items: refTo(name.slice(0, -2)) } : refTo(name);
}

function parameters({ path, query = [] }: Operation): Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => ({
    name: name!,
    in: 'path' as const,
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = query.map((name) => ({
    name,
    in: 'query' as const,
    required: false,
    description: QUERY[name],
    schema: { type: name === 'limit' || name === 'line' || name === 'last' ? 'integer' : 'string' },
  }));
  return [...inPath, ...inQuery];
}

function responses(operation: Operation): Record<string, unknown> {
  const { status = 200, answer, media = ['application/json'], query, body, manage, open, errors = [] } = operation;
  const content = Object.fromEntries(
    media.map((type) => [
      type,
      { schema: type === 'application/json' && answer !== undefined ? answerSchema(answer) : { type: 'string' } },
    ]),
  );
  const good = status === 204 ? { description: 'Done' } : { description: 'OK', content };
  const problem = { description: 'Problem', content: { 'application/problem+json': { schema: refTo('Problem') } } };
  const refused = new Set<number>([
    ...(open === true ? [] : [401, 429]),
    ...(query === undefined && body === undefined ? [] : [400]),
    ...(manage === undefined ? [] : [403]),
    ...errors,
  ]);
  return { [status]: good, ...Object.fromEntries([...refused].map((code) => [code, problem])) };
}

function entry(operation: Operation): OpenApiOperation {
  const { id, tag, summary, manage, open, body } = operation;
  const list = parameters(operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(manage === undefined ? {} : { description: `Needs the grant \`manage: [${manage}]\`.` }),
    ...(open === true ? { security: [] } : {}),
    ...(list.length === 0 ? {} : { parameters: list }),
    ...(body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: refTo(body) } } } }),
    responses: responses(operation),
  };
}

/** The API as OpenAPI 3.1, made from the table of operations. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replaceAll('+}', '}');
    (paths[path] ??= {})[operation.method.toLowerCase()] = entry(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'SMX Edge API',
      version,
      description:
        'Every answer is in the form that the role of the principal grants. Errors are RFC 9457 problem details with a `code`. ' +
        'Lists are whole unless `limit` is given; the next page is in the `Link` header.',
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'smx', description: '`__Host-smx` under TLS' },
      },
    },
  };
}
