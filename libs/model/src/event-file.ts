import { SmxError } from './error.js';

export const MOST_FILES = 8;
/** Bytes of the files of one event together. */
export const MOST_FILE_BYTES = 512 * 1024;
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;
/** RFC 6838 §4.2, and parameters as RFC 9110 §5.6.6 has them, without quotes. */
const TYPE =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,63}(; ?[a-z0-9-]+=[A-Za-z0-9._-]+){0,3}$/;

/** A file of an event: name safe to stand in an address and a folder, media type, and what is in it. */
export interface NewEventFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Throws SMX_EVENT_FILE naming what is wrong with the files of event `code`. */
export function checkFiles(code: string, files: readonly NewEventFile[]): void {
  const wrong = fault(files);
  if (wrong !== undefined) throw new SmxError('SMX_EVENT_FILE', `the files of event ${code}: ${wrong}`);
}

function fault(files: readonly NewEventFile[]): string | undefined {
  if (files.length > MOST_FILES) return `at most ${MOST_FILES}`;
  const names = new Set<string>();
  let total = 0;
  for (const { name, type, bytes } of files) {
    if (typeof name !== 'string' || !NAME.test(name)) return `"${name}" is no name of letters, digits and . _ -`;
    if (names.has(name)) return `two are named ${name}`;
    if (typeof type !== 'string' || !TYPE.test(type)) return `"${type}" is no media type like application/json`;
    if (!(bytes instanceof Uint8Array)) return `${name} has no bytes`;
    names.add(name);
    total += bytes.length;
  }
  return total > MOST_FILE_BYTES ? `${total} bytes together, at most ${MOST_FILE_BYTES} are kept` : undefined;
}
