import type { FastifyReply, FastifyRequest } from 'fastify';
import { Query } from './query.js';

export const MOST_PER_PAGE = 10_000;

/** Says where the next page begins (RFC 8288). */
export function linkNext(request: FastifyRequest, reply: FastifyReply, after: string): void {
  const url = new URL(request.url, 'http://box');
  url.searchParams.set('after', after);
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}

/** The part of a list in order of `key` that was asked for; without `limit` all after `after`. */
export function pageOf<T>(
  items: readonly T[],
  asked: { limit: number | undefined; after: string | undefined; key: (item: T) => string },
): { page: T[]; next: string | undefined } {
  const { limit, after, key } = asked;
  const rest = after === undefined ? [...items] : items.filter((item) => key(item) > after);
  if (limit === undefined || rest.length <= limit) return { page: rest, next: undefined };
  // rows of one name stay together: the next page begins behind the name
  let end = limit;
  while (end < rest.length && key(rest[end]!) === key(rest[end - 1]!)) end++;
  if (end === rest.length) return { page: rest, next: undefined };
  const page = rest.slice(0, end);
  return { page, next: key(page[page.length - 1]!) };
}

/** A list in order of `key` that takes `limit` and `after` and no other parameter. Throws SMX_HTTP_BAD_REQUEST. */
export function listed<T>(
  items: readonly T[],
  key: (item: T) => string,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): T[] {
  const query = new Query(request.query, ['limit', 'after']);
  const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE });
  const after = query.text('after');
  query.done();
  const sorted = [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const { page, next } = pageOf(sorted, { limit, after, key });
  if (next !== undefined) linkNext(request, reply, next);
  return page;
}
