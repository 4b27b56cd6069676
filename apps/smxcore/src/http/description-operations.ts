import type { Operation } from './operation.js';

/** What describes the API and its messages. */
export const DESCRIPTIONS: readonly Operation[] = [
  { method: 'GET', path: '/api/openapi.json', id: 'openapi', tag: 'api', summary: 'This description', answer: 'Any' },
  {
    method: 'GET',
    path: '/api/docs',
    id: 'docs',
    tag: 'api',
    summary: 'This description as a page',
    media: ['text/html'],
  },
  {
    method: 'GET',
    path: '/api/schemas/',
    id: 'schemas',
    tag: 'api',
    summary: 'Where the JSON Schema and the golden messages of each payload of smx/1 and each body of this API are',
    answer: 'Any',
  },
  {
    method: 'GET',
    path: '/api/schemas/{group}/{file}',
    id: 'schema',
    tag: 'api',
    summary: 'A JSON Schema (draft 2020-12), or its golden messages: `valid` ones, and `invalid` ones with the reason',
    answer: 'Any',
    errors: [404],
  },
];
