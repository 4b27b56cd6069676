import type { TSchema } from '@sinclair/typebox';
import { MESSAGES } from '@smx-edge/northbound/messages';
import { SCHEMAS } from './schemas.js';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
/** Where the box serves the files. */
const BASE = '/api/schemas';
const COMPONENT = '#/components/schemas/';

interface FileNames {
  readonly schema: string;
  readonly golden: string;
}

/** What the files are, as `GET /api/schemas/` answers. */
interface SchemaIndex {
  readonly protocol: 'smx/1';
  /** Payloads of smx/1 by kind. */
  readonly mqtt: Readonly<
    Record<string, FileNames & { topic: string; direction: string; qos: number; retained: boolean }>
  >;
  /** Bodies and answers of the HTTP API by the names that the OpenAPI document has. */
  readonly http: Readonly<Record<string, FileNames>>;
}

/** A schema of the OpenAPI document by itself: what it refers to comes with it. */
function standalone(name: string): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  const take = (part: string): unknown => {
    const text = JSON.stringify(SCHEMAS[part]);
    for (const [, other] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
      if (!(other! in parts)) {
        parts[other!] = {};
        parts[other!] = take(other!);
      }
    return JSON.parse(text.replaceAll(COMPONENT, '#/$defs/'));
  };
  const schema = take(name) as Record<string, unknown>;
  return { ...schema, ...(Object.keys(parts).length === 0 ? {} : { $defs: parts }) };
}

const head = (group: string, name: string): Record<string, string> => ({
  $schema: DRAFT,
  $id: `urn:smx:1:${group}:${name}`,
  title: name,
});

const namesOf = (group: string, name: string): FileNames => ({
  schema: `${BASE}/${group}/${name}.schema.json`,
  golden: `${BASE}/${group}/${name}.golden.json`,
});

const plain = (schema: TSchema): Record<string, unknown> =>
  JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;

/** Every file under `/api/schemas/` but the golden messages: the index, and a JSON Schema for each payload and body. */
export function schemaFiles(): Readonly<Record<string, object>> {
  const files: Record<string, object> = {};
  const mqtt: Record<string, SchemaIndex['mqtt'][string]> = {};
  for (const [name, { schema, ...kind }] of Object.entries(MESSAGES)) {
    files[`mqtt/${name}.schema.json`] = { ...head('mqtt', name), ...plain(schema) };
    mqtt[name] = { ...kind, ...namesOf('mqtt', name) };
  }
  const http: Record<string, FileNames> = {};
  for (const name of Object.keys(SCHEMAS)) {
    if (name === 'Any') continue;
    files[`http/${name}.schema.json`] = { ...head('http', name), ...standalone(name) };
    http[name] = namesOf('http', name);
  }
  const index: SchemaIndex = { protocol: 'smx/1', mqtt, http };
  return { 'index.json': index, ...files };
}
