import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';

const views = new WeakMap<FastifyRequest, View>();

/** Notes who a request comes from, once it has proved itself. */
export function admit(request: FastifyRequest, view: View): void {
  views.set(request, view);
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
