import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, filterMatches, hasWildcard, SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import {
  commandAnswer,
  commandWish,
  RateError,
  stageOf,
  type CommandAnswer,
  type CommandRecord,
} from '@smx-edge/control';
import { linkNext, MOST_PER_PAGE } from '../common/page.js';
import { asList, behind } from '../common/pieces.js';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { isAbove, oversees } from './oversight.js';
import { refuseWhere } from './refusal.js';

interface Asked {
  readonly match: string | undefined;
  /** Number below which to begin. */
  readonly before: number | undefined;
}

type Listed = Awaited<ReturnType<Doors['control']['list']>>[number];

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
  async list(@Viewer() view: View, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = new Query(request.query, ['match', 'open', 'limit', 'after']);
    const match = query.filter('match');
    const isOpen = query.oneOf('open', ['true', 'false']) === 'true';
    const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE });
    const before = query.whole('after', { least: 1, most: Number.MAX_SAFE_INTEGER });
    query.done();
    if (isOpen && (limit !== undefined || before !== undefined))
      throw new SmxError('SMX_HTTP_BAD_REQUEST', 'open=true gives all at once: leave limit and after out');
    if (isOpen) {
      void reply.send(this.doors.control.open().filter(this.visible(view, match)).map(commandAnswer));
      return;
    }
    const pages = this.pages(view, { match, before });
    if (limit !== undefined) {
      const { page, next } = await firstOf(pages, limit);
      if (next !== undefined) linkNext(request, reply, String(next));
      void reply.send(page.map(({ record }) => commandAnswer(record)));
      return;
    }
    const pieces = asList(answersOf(pages));
    const stream = Readable.from(behind(await pieces.next(), pieces), { highWaterMark: 1 });
    stream.on('error', (error) => this.doors.log.warn('a list of commands broke off', { error: describeError(error) }));
    void reply.header('content-type', 'application/json; charset=utf-8').send(stream);
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

  /** What this principal may see, newest first, a page of the store at a time. */
  private async *pages(view: View, asked: Asked): AsyncGenerator<Listed[], void> {
    const { match } = asked;
    const narrowed = {
      ...(this.mayOversee(view) ? {} : { principal: view.principal.name }),
      ...(match === undefined || hasWildcard(match) ? {} : { point: match }),
    };
    const isVisible = this.visible(view, match);
    let { before } = asked;
    for (;;) {
      const found = await this.doors.control.list({ ...narrowed, ...(before === undefined ? {} : { before }) });
      yield found.filter(({ record }) => isVisible(record));
      before = found.at(-1)?.seq;
      if (before === undefined) return;
    }
  }

  private visible(view: View, match: string | undefined): (record: CommandRecord) => boolean {
    return ({ principal, point }) =>
      (match === undefined || filterMatches(match, point)) &&
      (principal === view.principal.name || this.oversees(view, point));
  }

  private mayOversee(view: View): boolean {
    return view.reachable().some(({ definition }) => this.oversees(view, definition.path));
  }

  private oversees(view: View, point: string): boolean {
    return oversees(view, this.doors.handleOf(point));
  }
}

/** The newest `limit` of them, and the number of the last where there are more. */
async function firstOf(
  pages: AsyncIterable<Listed[]>,
  limit: number,
): Promise<{ page: Listed[]; next: number | undefined }> {
  const found: Listed[] = [];
  for await (const page of pages) {
    found.push(...page);
    if (found.length > limit) return { page: found.slice(0, limit), next: found[limit - 1]!.seq };
  }
  return { page: found, next: undefined };
}

async function* answersOf(pages: AsyncIterable<Listed[]>): AsyncGenerator<CommandAnswer[], void> {
  for await (const page of pages) yield page.map(({ record }) => commandAnswer(record));
}
