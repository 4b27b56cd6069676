import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SmxError } from '@smx-edge/model';
import type { FastifyRequest } from 'fastify';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The token of the config, undefined where there is none. */
export const HTTP_TOKEN = Symbol('token');

/** Lets in who has the token of the config; without one nobody gets in. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(@Inject(HTTP_TOKEN) private readonly token: string | undefined) {}

  canActivate(context: ExecutionContext): boolean {
    const given = context.switchToHttp().getRequest<FastifyRequest>().headers.authorization ?? '';
    if (this.token !== undefined && timingSafeEqual(digest(given), digest(`Bearer ${this.token}`))) return true;
    throw new SmxError(
      'SMX_ACCESS_UNAUTHENTICATED',
      this.token === undefined
        ? 'this controller has no `http: { token: … }` in its config'
        : 'send the token of the config as Authorization: Bearer …',
    );
  }
}
