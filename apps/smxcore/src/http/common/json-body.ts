import type { FastifyInstance } from 'fastify';
import { SmxError } from '@smx-edge/model';

export const LARGEST_BODY = 256 * 1024;
const DEEPEST = 32;

/** Whether brackets outside of strings nest deeper than `most`; looks at each letter once. */
function isTooDeep(text: string, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (inText) {
      if (letter === 0x5c) i++;
      else if (letter === 0x22) inText = false;
    } else if (letter === 0x22) inText = true;
    else if (letter === 0x7b || letter === 0x5b) {
      if (++depth > most) return true;
    } else if (letter === 0x7d || letter === 0x5d) depth--;
  }
  return false;
}

/** Throws SMX_HTTP_BAD_REQUEST; no body at all is undefined. */
function parseBody(text: string): unknown {
  if (text === '') return undefined;
  if (isTooDeep(text, DEEPEST))
    throw new SmxError('SMX_HTTP_BAD_REQUEST', `the body nests deeper than ${DEEPEST} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SmxError('SMX_HTTP_BAD_REQUEST', 'the body is not valid JSON', { cause: error });
  }
}

/** JSON bodies only, bounded in size and depth. */
export function useJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: LARGEST_BODY },
    async (_request: unknown, body: string) => parseBody(body),
  );
}
