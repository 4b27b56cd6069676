import type { FastifyRequest } from 'fastify';
import { LONGEST_SESSION } from './sessions.js';

/** Under TLS the name binds the cookie to this host and to TLS (RFC 6265bis §4.1.3.2). */
const nameFor = (request: FastifyRequest): string => (request.protocol === 'https' ? '__Host-smx' : 'smx');

/** The session id a request carries; undefined where it carries none. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const name = nameFor(request);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** `Set-Cookie` that gives an id to the browser, or with undefined takes it back. */
export function setSessionCookie(request: FastifyRequest, id: string | undefined): string {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  const age = id === undefined ? 0 : LONGEST_SESSION / 1000;
  return `${nameFor(request)}=${id ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
