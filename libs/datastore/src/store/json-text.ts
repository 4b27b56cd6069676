import { SmxError } from '@smx-edge/model';

/** JSON text of `value`, at most `limit` characters. Throws SMX_STORE_VALUE naming `what`. */
export function jsonText(value: unknown, what: string, limit: number): string {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new SmxError('SMX_STORE_VALUE', `${what} cannot be written as JSON`, { cause: error });
  }
  // functions and symbols have none
  if (typeof text !== 'string') throw new SmxError('SMX_STORE_VALUE', `${what} cannot be written as JSON`);
  if (text.length > limit)
    throw new SmxError('SMX_STORE_VALUE', `${what} is ${text.length} characters of JSON; at most ${limit} are kept`);
  return text;
}

/** Most characters of JSON that an event or an entry of the ledger carries. */
export const LONGEST_DATA = 64 * 1024;

/** A copy as it will be read back: what has no JSON is refused now, and later changes of the original change nothing. */
export function freshJson<T>(value: T, what: string, limit: number): T {
  return JSON.parse(jsonText(value, what, limit)) as T;
}
