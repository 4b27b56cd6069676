/** JSON pointer (RFC 6901) to steps; numbers only where the value above is a list. */
export function pointerSteps(pointer: string, root: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let at = root;
  for (const part of pointer.split('/').slice(1)) {
    const step = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(step) : step);
    at = (at as Record<string, unknown> | null | undefined)?.[step];
  }
  return path;
}

export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step], root);
}

/** `config.names[0].x` to steps; a key that holds dots itself is found where `root` has it. */
export function dottedSteps(text: string, root: unknown): (string | number)[] {
  const parts = text.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const path: (string | number)[] = [];
  let at = root;
  while (parts.length > 0) {
    const members = (typeof at === 'object' && at !== null ? at : {}) as Record<string, unknown>;
    let length = parts.length;
    while (length > 1 && !Object.hasOwn(members, parts.slice(0, length).join('.'))) length--;
    const key = parts.splice(0, length).join('.');
    path.push(Array.isArray(at) ? Number(key) : key);
    at = members[key];
  }
  return path;
}
