import { isAbsolute, resolve } from 'node:path';
import { parseSource } from './source.js';

export { parseSource } from './source.js';

/** Parameters of a source that name a file. */
const FILES = /([?&](?:ca|cert|key)=)([^&#]+)/g;

/** Paths of the files that opening a source reads: what it plays, its certificates. Throws SMX_TRANSPORT_SOURCE. */
export function sourceFiles(text: string): string[] {
  const source = parseSource(text);
  if (source.kind === 'file') return [source.path];
  if (!('insecure' in source)) return [];
  return [source.ca, source.cert, source.key].filter((file) => file !== undefined);
}

/** The same source with its relative paths counted from `folder`. Throws SMX_TRANSPORT_SOURCE. */
export function absoluteSource(text: string, folder: string): string {
  const source = parseSource(text);
  if (source.kind === 'file') {
    if (isAbsolute(source.path)) return text;
    const query = text.indexOf('?');
    const path = resolve(folder, source.path).replaceAll('%', '%25').replaceAll('?', '%3F');
    return `file:${path}${query < 0 ? '' : text.slice(query)}`;
  }
  if (!('insecure' in source)) return text;
  return text.replace(FILES, (_all, name: string, file: string) => {
    const path = decodeURIComponent(file.replaceAll('+', ' '));
    return name + encodeURIComponent(resolve(folder, path));
  });
}
