import { Controller, Delete, Get, HttpCode, Inject, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
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
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { oversees } from './oversight.js';
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
    const own = this.visible(view, pathOf(request)).filter(({ principal }) => principal === view.principal.name);
    if (own.length === 0) throw new SmxError('SMX_COMMAND_UNKNOWN', 'there is no schedule of yours here');
    for (const record of own) this.doors.control.schedules.cancel(record, 'cancelled by its party');
  }

  private visible(view: View, point: string): ScheduleRecord[] {
    const mayAll = oversees(view, this.doors.handleOf(point));
    return this.doors.control.schedules
      .of(point)
      .filter(({ principal }) => mayAll || principal === view.principal.name);
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
