import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of a schema the specs look at. */
interface Node {
  readonly pattern: string;
  readonly properties: Readonly<Record<string, Node>>;
  readonly propertyNames: { readonly $ref: string };
  readonly additionalProperties: Node;
}

const schema = JSON.parse(readFileSync(join(__dirname, '../config.schema.json'), 'utf8')) as Node & {
  readonly definitions: Readonly<Record<string, Node>>;
};
const { properties, definitions } = schema;
const others = properties['others']!.additionalProperties.properties;
const admits = ({ pattern }: Node, text: string): boolean => new RegExp(pattern).test(text);

describe('the schema of the config', () => {
  it.each([
    ['poll.every', definitions['poll']!.properties['every']!],
    ['period', properties['period']!],
    ['share.for', properties['share']!.properties['for']!],
  ])('takes no 0 for %s, with which nothing would be read or all the time', (_, node) => {
    expect(['0s', '0ms', '0.0h', '00m'].filter((text) => admits(node, text))).toEqual([]);
    expect(['1s', '0.5s', '15m', '10h'].filter((text) => !admits(node, text))).toEqual([]);
  });

  it.each([
    ['the first meter', properties],
    ['others', others],
  ])('holds passwords and paths of %s to what can be said and shown', (_, own) => {
    expect(['a(b', '', 'x)'].filter((text) => admits(own['password']!, text))).toEqual([]);
    expect(admits(own['password']!, '12 34*ab')).toBe(true);
    const path = definitions[own['points']!.propertyNames.$ref.split('/').at(-1)!]!;
    expect(['Bad Path', 'a//b', '/a', 'a/', 'a.b', 'a/#'].filter((text) => admits(path, text))).toEqual([]);
    expect(['energy/last-month', 'serial'].filter((text) => !admits(path, text))).toEqual([]);
  });
});
