import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { Doors } from '../doors.js';
import { isPublic } from '../operations.js';
import { sessionCookie } from '../session/cookie.js';
import { isCrossSite, refuseCrossSite } from '../session/same-site.js';
import { RateLimit } from './rate.js';
import { refuseTooMany } from './too-many.js';
import { admit } from './viewer.js';

/** Failed proofs per second from one address; a right token passes regardless. */
const FAILURES_PER_SECOND = 2;

interface Credentials {
  readonly token: string;
  /** Name given beside it, where the form has one. */
  readonly name?: string;
}

/** RFC 6750 bearer, or RFC 7617 basic with principal and token for a browser that looks at the API. */
function credentialsOf(request: FastifyRequest): Credentials | undefined {
  const { authorization = '' } = request.headers;
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return { token: value };
  // a browser sends basic credentials by itself, so they must never be able to change anything
  if (scheme.toLowerCase() !== 'basic' || request.method !== 'GET') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), token: text.slice(colon + 1) };
}

const isSessionCall = (url: string): boolean => url.split('?', 1)[0] === '/api/v1/session';

/** The one way in: proves who asks, before anything says whether there is something to ask for. */
export class Entry {
  private readonly requests: RateLimit;
  private readonly failures: RateLimit;

  constructor(private readonly doors: Doors) {
    this.requests = new RateLimit(doors.clock, doors.rate);
    this.failures = new RateLimit(doors.clock, FAILURES_PER_SECOND);
  }

  /** Throws SMX_ACCESS_UNAUTHENTICATED or SMX_HTTP_RATE. */
  check(request: FastifyRequest, reply: FastifyReply): void {
    if (isPublic(request.method, request.url)) return;
    const credentials = credentialsOf(request);
    const cookie = request.headers.authorization === undefined ? sessionCookie(request) : undefined;
    const session = cookie === undefined ? undefined : this.doors.sessions.find(cookie);
    const view = session === undefined ? this.prove(credentials) : this.doors.gate.view(session.principal);
    if (view === undefined) {
      // who shows nothing may simply not have logged in yet
      if (credentials !== undefined) this.doors.gate.deny('unknown', 'http with a wrong token');
      else if (cookie !== undefined) this.doors.gate.deny('unknown', 'http with a wrong session');
      refuseTooMany(this.failures.take(request.ip) * 1000);
      if (cookie === undefined && this.doors.setup.isNeeded && isSessionCall(request.url))
        throw new SmxError('SMX_ACCESS_SETUP', 'this box has no user yet; the set-up code makes the owner');
      // each in a field of its own: browsers take no challenge from a list
      const challenge = /^\/api\/(docs|openapi\.json|schemas)/.test(request.url)
        ? ['Basic realm="smx"', 'Bearer']
        : 'Bearer';
      void reply.header('www-authenticate', challenge);
      throw new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'this needs a valid token; send `Authorization: Bearer TOKEN`');
    }
    if (session !== undefined && isCrossSite(request)) {
      this.doors.gate.deny(view.principal.name, 'cross-site request');
      refuseCrossSite(request);
    }
    refuseTooMany(this.requests.take(view.principal.name) * 1000);
    admit(request, view, session);
  }

  private prove(credentials: Credentials | undefined): View | undefined {
    if (credentials === undefined) return undefined;
    const name =
      this.doors.proof.principalOf(credentials.token) ?? this.doors.principals.byToken(credentials.token)?.name;
    if (name === undefined || (credentials.name !== undefined && credentials.name !== name)) return undefined;
    return this.doors.gate.view(name);
  }
}
