import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, filterFault, parseTime, SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { ErasedAnswer } from '../answers.js';
import { textsOf } from '../common/body.js';
import { behind } from '../common/pieces.js';
import { Query } from '../common/query.js';
import { Manage, Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

/** All that the box keeps, as a whole: it takes the right to manage everything. */
@Controller('api/v1')
export class DataController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('backup')
  @Manage('#')
  async backup(@Viewer() view: View, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = new Query(request.query, ['secrets']);
    const secrets = query.oneOf('secrets', ['true', 'false']) === 'true';
    query.done();
    const parts = this.doors.vault.backup({ secrets, by: view.principal.name });
    // what keeps it from beginning is an answer still; what breaks it off later only ends the stream
    const first = await parts.next();
    const stream = Readable.from(behind(first, parts), { objectMode: false });
    stream.on('error', (error) => this.doors.log.warn('a backup broke off', { error: describeError(error) }));
    void reply.header('content-type', 'application/x-tar').send(stream);
  }

  @Post('erase')
  @HttpCode(200)
  @Manage('#')
  erase(@Viewer() view: View, @Body() body: unknown): Promise<ErasedAnswer> {
    const { match, before } = textsOf(body, { required: ['match', 'before'] });
    const t = parseTime(before, { zone: this.doors.zone, now: this.doors.clock.now() });
    const fault = filterFault(match);
    if (fault !== undefined) throw new SmxError('SMX_HTTP_BAD_REQUEST', `"match" is no topic filter: ${fault}`);
    if (t === undefined)
      throw new SmxError('SMX_HTTP_BAD_REQUEST', '"before" is a time: ISO 8601, ms UTC, or a duration before now');
    return this.doors.vault.erase({ match, before: t, by: view.principal.name });
  }
}
