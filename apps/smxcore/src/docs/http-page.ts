import { OPERATIONS, QUERY } from '../http/operations.js';
import { GENERATED, markdownTable } from './markdown.js';

/** docs/reference/http.md from the table of operations. */
export function httpPage(): string {
  const rows = OPERATIONS.map(({ method, path, summary, query = [], manage, open }) => [
    `\`${method} ${path.replace('+}', '…}')}\``,
    summary,
    query.map((name) => `\`${name}\``).join(' '),
    open === true ? 'nothing' : manage === undefined ? 'a token' : `\`manage: [${manage}]\``,
  ]);
  const parameters = Object.entries(QUERY).map(([name, meaning]) => [`\`${name}\``, meaning]);
  return `${GENERATED}
# HTTP API

A running box serves the whole description with all schemas at \`/api/openapi.json\` and as a page at \`/api/docs\`, and each schema
by itself with golden messages under \`/api/schemas/\`. Every answer is in the form that the role of the principal grants. Errors are problem details (RFC 9457) with a \`code\` of [errors.md](errors.md).
The source is \`apps/smxcore/src/http/operations.ts\`.

${markdownTable(['operation', 'does', 'query', 'needs'], rows)}

${markdownTable(['parameter', 'meaning'], parameters)}
`;
}
