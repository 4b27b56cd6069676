/** Whether a text is a JSON pointer (RFC 6901). */
export function isPointer(text: string): boolean {
  return text === '' || (text.startsWith('/') && !/~(?![01])/.test(text));
}

const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What a pointer points at; undefined where nothing is there. */
export function pointedAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of partsOf(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** The smallest body in which a pointer points at `value`. */
export function bodyWith(value: unknown, pointer: string): unknown {
  return partsOf(pointer).reduceRight<unknown>((inside, part) => Object.fromEntries([[part, inside]]), value);
}
