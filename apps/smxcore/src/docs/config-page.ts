import { CONDITION_ACTIONS, GrantSchema } from '@smx-edge/access';
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

const CERTIFICATES = '`ca=FILE`, `cert=FILE`, `key=FILE`, `servername=NAME`, `insecure=true`';

const SOURCES = [
  ['`serial:/dev/ttyUSB0?baud=115200&mode=8N1`', 'a serial line; without `baud` a reader may look for it'],
  ['`tcp://host:port`', 'a device server (ser2net and the like)'],
  ['`tcp-listen://host:port`', 'a port on which devices connect'],
  ['`tls://host:port`', `TCP with TLS; ${CERTIFICATES}`],
  [
    '`udp://host:port`',
    'datagrams to this address or multicast group; `interface=ADDRESS`. For a device that is asked, its address',
  ],
  ['`ws://host/path`, `wss://…`', `WebSocket; ${CERTIFICATES} with wss`],
  [
    '`http://host/path?every=10s`, `https://…`',
    `polled; ${CERTIFICATES} with https; other parameters go to the server`,
  ],
  ['`file:PATH?speed=1`', 'a capture or raw bytes; `speed=max`, `loop=true`, `baud=115200` for the pace of raw bytes'],
  [
    '`mqtt://user:password@host:port`, `mqtts://…?ca=…&cert=…&key=…`',
    'a broker, for extensions that speak MQTT; ports 1883 and 8883 unless said',
  ],
  ['`modbus://host:port`, `modbus+rtu:/dev/…`', 'for extensions that speak Modbus'],
];

function conditionRows(): string[][] {
  const described: Readonly<Record<string, { readonly description?: string }>> = GrantSchema.properties;
  return Object.entries(CONDITION_ACTIONS).map(([key, actions]) => [
    `\`${key}\``,
    actions.map((action) => `\`${action}\``).join(', '),
    described[key]?.description ?? '',
  ]);
}

/** docs/reference/config.md from the schema of smx.yaml. */
export function configPage(): string {
  return `${GENERATED}
# smx.yaml

Unknown keys are errors. Durations: \`500ms 10s 15m 1h 31d 10y\`; sizes: \`64MiB\`. \`\${NAME}\` is taken from the environment;
a key or password may be \`file:PATH\`. Relative paths count from the config file. Names of users, tokens, links and instances share
one name space. \`smx check\` names each fault with its line. The source is \`apps/smxcore/src/config/schema.ts\`.

${markdownTable(['key', 'value', 'default', 'meaning'], rowsOf(ConfigSchema as unknown as Described, ''))}

An installed package that asks for permissions needs \`allow:\`; without it the instance is failed and says what the package
asks. \`allow: {}\` gives nothing. What it asks and is not given, or is given and does not ask, stands in its state.

## Sources

Where a config takes a \`source\` (its schema marks it \`format: source\`, or its key is \`source\`), \`smx check\` reads it by this
table; an extension that names the \`kinds\` it speaks takes no others. Its paths count from the config file, and the instance may read the files that it names.

${markdownTable(['source', 'is'], SOURCES)}

## Conditions of grants

What a condition in \`roles.yaml\` applies to; on a grant of none of these it is an error that \`smx check\` places.

${markdownTable(['condition', 'of', 'means'], conditionRows())}
`;
}
