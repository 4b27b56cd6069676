import { ConfigSchema } from '../config/schema.js';
import { GENERATED, markdownTable } from './markdown.js';

interface Described {
  readonly description?: string;
  readonly expected?: string;
  readonly default?: string | null;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly patternProperties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
}

function rowsOf(schema: Described, path: string): string[][] {
  const required = new Set(schema.required ?? []);
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    row(value, { path: path === '' ? key : `${path}.${key}`, required: required.has(key) }),
  );
  const described = Object.values(schema.patternProperties ?? {}).filter(({ expected }) => expected !== undefined);
  const free = described.flatMap((value) =>
    row(value, { path: `${path}.${path === 'history' ? 'LENGTH' : 'NAME'}`, required: false }),
  );
  return [...named, ...free];
}

function row(schema: Described, at: { path: string; required: boolean }): string[][] {
  const byDefault = schema.default === undefined ? (at.required ? 'required' : '') : `\`${String(schema.default)}\``;
  return [[`\`${at.path}\``, schema.expected ?? '', byDefault, schema.description ?? ''], ...rowsOf(schema, at.path)];
}

/** docs/reference/config.md from the schema of smx.yaml. */
export function configPage(): string {
  return `${GENERATED}
# smx.yaml

Unknown keys are errors. Durations: \`500ms 10s 15m 1h 31d 10y\`; sizes: \`64MiB\`. \`\${NAME}\` is taken from the environment;
a key or password may be \`file:PATH\`. Relative paths count from the config file. Names of users, tokens, links and instances share
one name space. \`smx check\` names each fault with its line. The source is \`apps/smxcore/src/config/schema.ts\`.

${markdownTable(['key', 'value', 'default', 'meaning'], rowsOf(ConfigSchema as unknown as Described, ''))}
`;
}
