import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LinkAnswer } from '../answers.js';
import { listed } from '../common/page.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

@Controller('api/v1/links')
export class LinksController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('links')
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): LinkAnswer[] {
    return listed(this.doors.links.list(), ({ name }) => name, { request, reply });
  }
}
