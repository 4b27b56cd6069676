import type { FastifyReply, FastifyRequest } from 'fastify';

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
  const page = rest.slice(0, limit);
  return { page, next: key(page[page.length - 1]!) };
}
