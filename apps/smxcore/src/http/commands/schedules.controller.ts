import { Controller, Delete, Get, HttpCode, Inject, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { filterMatches, SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import {
  RateError,
  scheduleAnswer,
  scheduleWish,
  senmlWish,
  stageOf,
  type ScheduleAnswer,
  type ScheduleRecord,
} from '@smx-edge/control';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { isAbove, oversees } from './oversight.js';
import { refuseWhere } from './refusal.js';

const PREFIX = '/api/v1/schedules/';

@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  /** A native schedule, or a SenML pack. */
  @Put('*')
  async put(
    @Viewer() view: View,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ id: string; state: string }> {
    const point = pathOf(request);
    const { body } = request;
    const { clock, control, zone } = this.doors;
    const at = { zone, now: clock.now(), isSetpoint: (path: string) => path === point };
    if (typeof body !== 'object' || body === null)
      throw new SmxError(
        'SMX_HTTP_BAD_REQUEST',
        'the body must be an object with start, step and values, or a SenML pack',
      );
    const wish = Array.isArray(body)
      ? senmlWish(body, at, point)
      : scheduleWish(body as Record<string, unknown>, at, point);
    try {
      const record = await control.schedules.submit(view, wish);
      refuseWhere(record);
      return { id: wish.name ?? record.id, state: stageOf(record).state };
    } catch (error) {
      if (error instanceof RateError) void reply.header('retry-after', String(error.seconds));
      throw error;
    }
  }

  /** All that run, of all set-points. */
  @Get()
  list(@Viewer() view: View, @Req() request: FastifyRequest): ScheduleAnswer[] {
    const query = new Query(request.query, ['match']);
    const match = query.filter('match');
    query.done();
    const all = this.visible(view).filter(({ point }) => match === undefined || filterMatches(match, point));
    return all.map(scheduleAnswer);
  }

  /** The newest, and all that still run. */
  @Get('*')
  get(@Viewer() view: View, @Req() request: FastifyRequest): ScheduleAnswer & { all: ScheduleAnswer[] } {
    const all = this.visible(view, pathOf(request)).map(scheduleAnswer);
    const [newest] = all;
    if (newest === undefined) throw new SmxError('SMX_COMMAND_UNKNOWN', 'there is no schedule of yours here');
    return { ...newest, all };
  }

  @Delete('*')
  @HttpCode(204)
  remove(@Viewer() view: View, @Req() request: FastifyRequest): void {
    const query = new Query(request.query, ['principal']);
    const principal = query.text('principal') ?? view.principal.name;
    query.done();
    const theirs = this.visible(view, pathOf(request)).filter((record) => record.principal === principal);
    if (theirs.length === 0) throw new SmxError('SMX_COMMAND_UNKNOWN', 'there is no schedule of yours here');
    const ours = principal === view.principal.name;
    const above = ours ? undefined : theirs.find(isAbove);
    if (above !== undefined)
      throw new SmxError('SMX_ACCESS_DENIED', `a schedule of ${above.authority} is not the owner's to cancel`);
    for (const record of theirs)
      this.doors.control.schedules.cancel(record, ours ? 'cancelled by its party' : 'cancelled by the owner');
  }

  private visible(view: View, point?: string): ScheduleRecord[] {
    const isVisible = ({ principal, point: path }: ScheduleRecord): boolean =>
      principal === view.principal.name || oversees(view, this.doors.handleOf(path));
    return this.doors.control.schedules.of(point).filter(isVisible);
  }
}

function pathOf({ url }: FastifyRequest): string {
  const raw = url.split('?', 1)[0]!.slice(PREFIX.length);
  try {
    return decodeURIComponent(raw);
  } catch (error) {
    if (error instanceof URIError)
      throw new SmxError('SMX_POINT_UNKNOWN', 'there is no such set-point', { cause: error });
    throw error;
  }
}
