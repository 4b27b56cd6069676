import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors, type HealthAnswer } from '../doors.js';

@Controller()
export class HealthController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('health/live')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string } {
    const ready = this.doors.health.ready();
    void reply.code(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'starting' };
  }

  @Get('api/v1/health')
  @Manage('health')
  health(): HealthAnswer {
    return this.doors.health.answer();
  }
}
