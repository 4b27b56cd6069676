import { Controller, Get, Inject, Res } from '@nestjs/common';
import { describeError } from '@smx-edge/model';
import type { FastifyReply } from 'fastify';
import { Store } from '../store/store.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';

const word = (fault: unknown): string => (fault === undefined ? 'ok' : describeError(fault));

@Controller('health')
export class HealthController {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(Smx1Strategy) private readonly boxes: Smx1Strategy,
  ) {}

  @Get('live')
  live(): object {
    return { status: 'ok' };
  }

  /** 200 once broker and database answer, else 503 with the reason. */
  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const database = await this.store.fault();
    const { fault, malformed } = this.boxes;
    const isReady = database === undefined && fault === undefined;
    const body = { status: isReady ? 'ok' : 'failed', broker: word(fault), database: word(database), malformed };
    await reply.code(isReady ? 200 : 503).send(body);
  }
}
