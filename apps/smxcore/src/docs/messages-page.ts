import { MESSAGES, type MessageKind } from '@smx-edge/northbound/messages';
import { GENERATED, markdownTable } from './markdown.js';

interface Described {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Described | false;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly anyOf?: readonly Described[];
  readonly required?: readonly string[];
}

function kindOf(schema: Described): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(' ');
  return schema.type === undefined ? '' : [schema.type].flat().join(' or ');
}

/** Members of a payload, those of inner objects by their path; `?` marks what may be absent. */
function rowsOf(schema: Described, path = ''): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, member]) => {
    const name = `${path}${key}${schema.required?.includes(key) === true ? '' : '?'}`;
    const row = [`\`${name}\``, kindOf(member), member.description ?? ''];
    const inner =
      member.type === 'array' && member.items ? rowsOf(member.items, `${name}[].`) : rowsOf(member, `${name}.`);
    return [row, ...inner];
  });
}

function section(name: string, { topic, direction, qos, retained, schema }: MessageKind): string {
  const described = schema as Described;
  const forms = (described.anyOf ?? [described]).filter(({ properties }) => properties !== undefined);
  const tables = forms.map((form) => markdownTable(['member', 'is', 'meaning'], rowsOf(form)));
  const how = `\`${topic}\`, ${direction}, QoS ${qos}${retained ? ', retained' : ''}`;
  return `## ${name}\n\n${how}. ${described.description ?? ''}.\n\n${tables.join('\n\nor\n\n')}`;
}

/** docs/reference/messages.md from the schemas of payloads. */
export function messagesPage(): string {
  return `${GENERATED}
# Messages of smx/1

Payloads are JSON below \`smx/1/{site}/{party}/\`, on the local broker and on links alike; with \`compress: deflate\` zlib, whose
first byte is 0x78. Times are ms UTC. Members that a receiver does not know are to be ignored. A running box serves each kind as
JSON Schema (draft 2020-12) with golden messages, which the tests hold it to, under \`/api/schemas/\`. Streams of the certain lane,
commands and schedules have their form here also where this version does not send them yet. The source is
\`libs/northbound/src/messages/\`, golden messages are in \`libs/northbound/golden/\`.

${Object.entries(MESSAGES)
  .map(([name, kind]) => section(name, kind))
  .join('\n\n')}
`;
}
