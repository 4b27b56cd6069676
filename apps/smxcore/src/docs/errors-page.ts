import { ERROR_CODES, type ErrorEntry } from '@smx-edge/model';
import { GENERATED, markdownTable } from './markdown.js';

/** docs/reference/errors.md from the table of codes. */
export function errorsPage(): string {
  const codes = Object.entries<ErrorEntry>(ERROR_CODES).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = codes.map(([code, { class: kind, status, help }]) => [`\`${code}\``, kind, String(status), help]);
  return `${GENERATED}
# Error codes

Every error has one of these codes, in API answers (\`code\`), on MQTT, in the log and in \`--json\` output. Codes never change
their meaning and are never translated. Class \`config\`: repair the configuration; \`retryable\`: it may work later by itself;
\`permanent\`: it will not; \`security\`: a refusal. The source is \`libs/model/src/errors/\`.

${markdownTable(['code', 'class', 'HTTP', 'what it means and what to do'], rows)}
`;
}
