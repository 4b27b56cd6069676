/**
 * MQTT topic filters over point paths: `+` is one whole segment, a last `#` any number of segments including none
 * (OASIS MQTT 3.1.1 §4.7.1). The one pattern language of grants, REST, SSE, MQTT and CLI.
 */
const SEGMENT = /^[a-z0-9_][a-z0-9_-]*$/;

/** Whether `path` is a legal point path: at least `device/quantity`, lower case, without `.`, blanks or wildcards. */
export function isPointPath(path: string): boolean {
  const segments = path.split('/');
  return segments.length >= 2 && path.length <= 200 && segments.every((segment) => SEGMENT.test(segment));
}

/** Whether `name` is a legal device name: one segment. */
export function isDeviceName(name: string): boolean {
  return name.length <= 60 && SEGMENT.test(name);
}

/** Whether `name` may name a user, token, link or instance (contracts §2). */
export function isPrincipalName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,30}$/.test(name);
}

/** Why `filter` is not a legal topic filter, or undefined where it is one. */
export function filterFault(filter: string): string | undefined {
  if (filter === '') return 'an empty filter matches nothing';
  if (filter.length > 200) return 'a filter has at most 200 characters';
  const segments = filter.split('/');
  for (const [i, segment] of segments.entries()) {
    if (segment === '#') {
      if (i !== segments.length - 1) return '`#` stands only at the end';
    } else if (segment !== '+' && !SEGMENT.test(segment)) {
      return segment.includes('+') || segment.includes('#')
        ? '`+` and `#` stand alone in their segment'
        : `segment "${segment}" is not lower case letters, digits, - or _`;
    }
  }
  return undefined;
}

export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** Whether `filter` matches `path`; whole segments only, and `x/#` also matches `x`. */
export function filterMatches(filter: string, path: string): boolean {
  const pattern = filter.split('/');
  const segments = path.split('/');
  for (const [i, part] of pattern.entries()) {
    if (part === '#') return true;
    if (i >= segments.length || (part !== '+' && part !== segments[i])) return false;
  }
  return pattern.length === segments.length;
}

/** Whether some path matches both filters. */
export function filtersMeet(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')];
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === '#' || y === '#') return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== '+' && y !== '+' && x !== y) return false;
  }
}

interface TrieNode<T> {
  readonly children: Map<string, TrieNode<T>>;
  any?: TrieNode<T>;
  readonly here: T[];
  readonly rest: T[];
}

const node = <T>(): TrieNode<T> => ({ children: new Map(), here: [], rest: [] });

/** Many filters at once: finding all that match a path costs its depth, not the number of filters. */
export class FilterTrie<T> {
  private readonly root = node<T>();

  add(filter: string, item: T): void {
    let at = this.root;
    for (const segment of filter.split('/')) {
      if (segment === '#') {
        at.rest.push(item);
        return;
      }
      if (segment === '+') at = at.any ??= node<T>();
      else {
        let next = at.children.get(segment);
        if (next === undefined) at.children.set(segment, (next = node<T>()));
        at = next;
      }
    }
    at.here.push(item);
  }

  /** Items whose filter matches `path`, in no particular order. */
  match(path: string): T[] {
    const found: T[] = [];
    this.walk(this.root, { segments: path.split('/'), depth: 0, found });
    return found;
  }

  private walk(at: TrieNode<T>, step: { segments: string[]; depth: number; found: T[] }): void {
    const { segments, depth, found } = step;
    found.push(...at.rest);
    const segment = segments[depth];
    if (segment === undefined) {
      found.push(...at.here);
      return;
    }
    const below = { segments, depth: depth + 1, found };
    const child = at.children.get(segment);
    if (child !== undefined) this.walk(child, below);
    if (at.any !== undefined) this.walk(at.any, below);
  }
}
