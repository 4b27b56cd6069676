/** Topics of one party: `smx/1/{site}/{party}/…` (contracts §5). */
export const DOWN_KINDS = ['cmd', 'schedule', 'req', 'hb', 'ack'] as const;
export type DownKind = (typeof DOWN_KINDS)[number];

export interface DownTopic {
  readonly kind: DownKind;
  /** Of `ack/{stream}`. */
  readonly stream?: string;
}

/** Retained topics of a party, in the order in which a subscriber gets them. */
export const TREE_KINDS = ['state', 'cat', 'now'] as const;
export type TreeKind = (typeof TREE_KINDS)[number];

const ROOT = 'smx/';
const LEVEL = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether `name` can stand as one level of a topic. */
export function isTopicLevel(name: string): boolean {
  return LEVEL.test(name);
}

/** Whether the house alone may define `topic`: its own trees and what MQTT keeps for servers. */
export function isReservedTopic(topic: string): boolean {
  return topic === 'smx' || topic.startsWith(ROOT) || topic.startsWith('$');
}

/** The tree of one party. `site` is the site id or the party's alias. */
export class Tree {
  readonly base: string;
  private readonly prefix: string;
  private readonly all: string;

  constructor(site: string, party: string) {
    this.base = `smx/1/${site}/${party}`;
    this.prefix = `${this.base}/`;
    this.all = `${this.base}/#`;
  }

  topic(rest: string): string {
    return this.prefix + rest;
  }

  holds(topic: string): boolean {
    return topic.startsWith(this.prefix);
  }

  /** Whether a subscription to `filter` could ever match a topic of this tree. */
  meets(filter: string): boolean {
    return filtersMeet(filter, this.all);
  }

  /** The down topic that `topic` is, undefined for any other. */
  down(topic: string): DownTopic | undefined {
    if (!this.holds(topic)) return undefined;
    const [kind, stream, ...more] = topic.slice(this.prefix.length).split('/');
    if (kind === 'ack') return stream && isTopicLevel(stream) && more.length === 0 ? { kind, stream } : undefined;
    const known = DOWN_KINDS.find((name) => name === kind);
    return known !== undefined && stream === undefined ? { kind: known } : undefined;
  }
}

/** Whether some topic matches both MQTT topic filters. */
export function filtersMeet(a: string, b: string): boolean {
  const left = a.split('/');
  const right = b.split('/');
  for (let i = 0; ; i++) {
    const x = left[i];
    const y = right[i];
    // `x/#` also matches `x`, so it meets a filter that ends here
    if (x === '#' || y === '#') return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== y && x !== '+' && y !== '+') return false;
  }
}
