import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { Session } from '../session/sessions.js';

const views = new WeakMap<FastifyRequest, View>();
const sessions = new WeakMap<FastifyRequest, Session>();

/** Notes who a request comes from, once it has proved itself. */
export function admit(request: FastifyRequest, view: View, session?: Session): void {
  views.set(request, view);
  if (session !== undefined) sessions.set(request, session);
}

/** The session a request came with; undefined where it came with a token. */
export function sessionOf(request: FastifyRequest): Session | undefined {
  return sessions.get(request);
}

export function viewOf(request: FastifyRequest): View {
  const view = views.get(request);
  if (view === undefined)
    throw new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'this needs a token; send `Authorization: Bearer TOKEN`');
  return view;
}

/** The view of the principal that asks. */
export const Viewer = createParamDecorator((_data: unknown, context: ExecutionContext): View =>
  viewOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

export const MANAGE = 'smx:manage';

/** The route needs the grant `manage` of this area (contracts §2). */
export const Manage = (area: string) => SetMetadata(MANAGE, area);

/** Name of who asks; undefined before that is proved. */
export function principalOf(request: FastifyRequest): string | undefined {
  return views.get(request)?.principal.name;
}
