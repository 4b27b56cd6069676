import type { FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';

/**
 * Whether a browser sent the request for a page of another origin (Fetch Metadata, and Origin of RFC 6454). Programs
 * that are no browsers send neither header.
 */
export function isCrossSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = request.headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

/** Throws SMX_HTTP_CROSS_SITE. */
export function refuseCrossSite(request: FastifyRequest): void {
  if (isCrossSite(request))
    throw new SmxError('SMX_HTTP_CROSS_SITE', 'a page of another site may not do this with the session of this box');
}
