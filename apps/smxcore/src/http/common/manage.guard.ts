import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import { DOORS, type Doors } from '../doors.js';
import { refuseTooMany } from './too-many.js';
import { MANAGE, viewOf } from './viewer.js';

/** Lets a request to a managed area in only under a role that manages it. */
@Injectable()
export class ManageGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(DOORS) private readonly doors: Doors,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const area = this.reflector.get<string | undefined>(MANAGE, context.getHandler());
    if (area === undefined) return true;
    const view = viewOf(context.switchToHttp().getRequest<FastifyRequest>());
    if (view.canManage(area)) {
      refuseTooMany(view.ask('manage', area), `requests to manage ${area}`);
      return true;
    }
    this.doors.gate.deny(view.principal.name, `manage ${area}`);
    throw new SmxError('SMX_ACCESS_DENIED', `the role "${view.principal.role}" does not manage ${area}`);
  }
}
