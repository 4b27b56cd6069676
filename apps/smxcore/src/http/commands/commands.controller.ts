import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { filterMatches, SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import {
  commandAnswer,
  commandWish,
  RateError,
  stageOf,
  type CommandAnswer,
  type CommandRecord,
} from '@smx-edge/control';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { oversees } from './oversight.js';
import { refuseWhere } from './refusal.js';

const MOST = 1000;

@Controller('api/v1/commands')
export class CommandsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Post()
  @HttpCode(202)
  async command(
    @Viewer() view: View,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ id: string; state: string }> {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new SmxError('SMX_HTTP_BAD_REQUEST', 'the body must be an object with point, value and for');
    const wish = commandWish(body as Record<string, unknown>, { code: 'SMX_HTTP_BAD_REQUEST', strict: true });
    const record = await this.submitted(view, wish, reply);
    refuseWhere(record);
    return { id: record.id, state: stageOf(record).state };
  }

  @Get()
  async list(@Viewer() view: View, @Req() request: FastifyRequest): Promise<CommandAnswer[]> {
    const query = new Query(request.query, ['match', 'limit']);
    const match = query.filter('match');
    const limit = query.whole('limit', { least: 1, most: MOST }) ?? MOST;
    query.done();
    const principal = view.principal.name;
    const all = await this.doors.control.list(this.mayOversee(view) ? { limit } : { principal, limit });
    return all
      .filter((record) => record.principal === principal || this.oversees(view, record.point))
      .filter((record) => match === undefined || filterMatches(match, record.point))
      .map(commandAnswer);
  }

  @Get(':id')
  async one(@Viewer() view: View, @Param('id') id: string, @Req() request: FastifyRequest): Promise<CommandAnswer> {
    return commandAnswer(await this.found(view, id, request));
  }

  @Delete(':id')
  async cancel(@Viewer() view: View, @Param('id') id: string, @Req() request: FastifyRequest): Promise<CommandAnswer> {
    const record = await this.found(view, id, request);
    const ours = record.principal === view.principal.name;
    const ended = await this.doors.control.cancel(record, ours ? 'cancelled by its party' : 'cancelled by the owner');
    return commandAnswer(ended ?? record);
  }

  private async submitted(
    view: View,
    wish: ReturnType<typeof commandWish>,
    reply: FastifyReply,
  ): Promise<CommandRecord> {
    try {
      return await this.doors.control.submit(view, wish);
    } catch (error) {
      if (error instanceof RateError) void reply.header('retry-after', String(error.seconds));
      throw error;
    }
  }

  /** Own commands by id; those of others for who has the authority of the owner at their set-point, and is not outranked. */
  private async found(view: View, id: string, request: FastifyRequest): Promise<CommandRecord> {
    const query = new Query(request.query, ['principal']);
    const principal = query.text('principal') ?? view.principal.name;
    query.done();
    const record = await this.doors.control.find(principal, id);
    const visible = principal === view.principal.name || (record !== undefined && this.oversees(view, record.point));
    if (record === undefined || !visible)
      throw new SmxError('SMX_COMMAND_UNKNOWN', 'there is no such command, or none of yours');
    if (request.method === 'DELETE' && principal !== view.principal.name && isAbove(record))
      throw new SmxError('SMX_ACCESS_DENIED', `a command of ${record.authority} is not the owner's to cancel`);
    return record;
  }

  private mayOversee(view: View): boolean {
    return view.reachable().some(({ definition }) => this.oversees(view, definition.path));
  }

  private oversees(view: View, point: string): boolean {
    return oversees(view, this.doors.handleOf(point));
  }
}

const isAbove = ({ authority }: CommandRecord): boolean => authority === 'emergency' || authority === 'dso';
